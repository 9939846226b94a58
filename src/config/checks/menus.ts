/** Menus as graphs: every step is one kind of thing, can be reached, leads somewhere, and has a way out. */
import type { Report } from '../report.ts';
import { offer } from '../values/nearest.ts';
import { at, isBranch, keysOf, root, select } from '../yaml/tree.ts';
import type { Path, Tree } from '../yaml/tree.ts';

/** Where `go` can lead that is no step: on to the buyers, or to the end. */
const exits = ['route', 'hangup'];
const kinds = ['menu', 'gather', 'play'];

export function checkMenus(tree: Tree, report: Report): void {
  for (const ivr of select(root(tree), 'ivrs.*')) {
    const steps = at(ivr.tree, ['steps']);
    if (!isBranch(steps)) continue;
    for (const step of keysOf(steps)) checkStep(steps, step, [...ivr.path, 'steps', step], report);
    checkWays(ivr.path, at(ivr.tree, ['start']), steps, report);
  }
}

function checkStep(steps: Tree, name: string, path: Path, report: Report): void {
  const step = at(steps, [name]);
  if (exits.includes(name))
    report.error(path, `a step cannot be called "${name}"`, `"go: ${name}" leaves the menu`, 'key');
  if (!isBranch(step)) return;
  const said = kinds.filter((kind) => Object.hasOwn(step, kind));
  if (said.length !== 1) {
    report.error(
      path,
      'a step is one of menu, gather and play',
      said.length === 0 ? 'write one of them' : `keep one of ${said.join(' and ')}`,
      'key',
    );
  } else if (said[0] === 'menu' && Object.hasOwn(step, 'go')) {
    report.error(
      [...path, 'go'],
      'a menu goes where its choices go',
      'write go in the choices and in otherwise',
      'key',
    );
  } else if (said[0] === 'play' && Object.hasOwn(step, 'otherwise')) {
    report.error(
      [...path, 'otherwise'],
      'nothing is asked here',
      'a step that only plays has go alone',
      'key',
    );
  }
  const choices = at(step, ['menu', 'choices']);
  if (isBranch(choices) && keysOf(choices).length === 0) {
    report.error([...path, 'menu', 'choices'], 'a menu offers choices', 'write one: { 1: route }');
  }
  for (const choice of select({ path, tree: step }, 'menu.choices.*')) {
    const digit = String(choice.path.at(-1));
    if (!/^[0-9*#]$/.test(digit)) {
      report.error(choice.path, `"${digit}" is not a key of a telephone`, 'one of 0-9, * and #', 'key');
    }
  }
}

function checkWays(ivrPath: Path, start: Tree | undefined, steps: Tree, report: Report): void {
  const names = keysOf(steps);
  const ways = new Map(names.map((name) => [name, movesOf(steps, name)] as const));
  for (const [name, moves] of ways) {
    for (const { path, go } of moves) {
      if (names.includes(go) || exits.includes(go)) continue;
      report.error(
        [...ivrPath, 'steps', name, ...path],
        `there is no step "${go}"`,
        offer(go, [...names, ...exits], ''),
      );
    }
  }
  if (typeof start !== 'string') return;
  if (!names.includes(start)) {
    report.error(
      [...ivrPath, 'start'],
      `there is no step "${start}"`,
      offer(start, names, 'add it under steps:'),
    );
    return;
  }
  const next = (name: string): string[] => (ways.get(name) ?? []).map(({ go }) => go);
  const reached = spread([start], next);
  const leaving = spread(exits, (to) => names.filter((name) => next(name).includes(to)));
  for (const name of names) {
    const path = [...ivrPath, 'steps', name];
    if (!reached.has(name))
      report.error(path, `no step goes to "${name}"`, 'let a go lead here, or take the step away', 'key');
    else if (!leaving.has(name))
      report.error(path, `from "${name}" no way leads out`, 'let a go lead to route or hangup', 'key');
  }
}

/** Where a step can lead. What is not said leads to the buyers. */
function movesOf(steps: Tree, name: string): { path: Path; go: string }[] {
  const step = at(steps, [name]) ?? null;
  const written = ['menu.choices.*', 'go', 'otherwise']
    .flatMap((pattern) => select(root(step), pattern))
    .flatMap(({ path, tree }) => {
      const go = isBranch(tree) ? at(tree, ['go']) : tree;
      return typeof go === 'string' ? [{ path: isBranch(tree) ? [...path, 'go'] : path, go }] : [];
    });
  const implied = isBranch(step) ? impliedBy(step).map((key) => ({ path: [key], go: 'route' })) : [];
  return [...written, ...implied];
}

function impliedBy(step: Readonly<Record<string, Tree>>): string[] {
  const asked = Object.hasOwn(step, 'menu')
    ? ['otherwise']
    : Object.hasOwn(step, 'gather')
      ? ['go', 'otherwise']
      : ['go'];
  return asked.filter((key) => !Object.hasOwn(step, key));
}

function spread(from: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const seen = new Set(from);
  for (const name of seen) for (const to of next(name)) seen.add(to);
  return seen;
}

import type { z } from 'zod';
import type { Report } from './report.ts';
import { keysAt } from './schema-keys.ts';
import { nearest, offer } from './values/nearest.ts';
import { at, isBranch } from './yaml/tree.ts';
import type { Path, Tree } from './yaml/tree.ts';

type Issue = z.core.$ZodIssue;

interface Reading {
  readonly tree: Tree;
  readonly schema: z.core.$ZodType;
  readonly report: Report;
}

/** What the schema found wrong, told at the lines of the file in the words of the file. */
export function explain(issues: readonly Issue[], reading: Reading, under: Path = []): void {
  const slips = issues.filter((issue) => issue.code === 'unrecognized_keys');
  for (const issue of issues) {
    const below = issue.path.map(stepOf);
    const path = [...under, ...below];
    const isMissing = at(reading.tree, path) === undefined;
    const isMeant = (slip: Slip) =>
      isMeantBy(slip, below, keysAt(reading.schema, [...under, ...slip.path.map(stepOf)]));
    if (!isMissing || !slips.some(isMeant)) explainOne(issue, path, reading);
  }
}

type Slip = Extract<Issue, { code: 'unrecognized_keys' }>;

const stepOf = (step: PropertyKey) => (typeof step === 'number' ? step : String(step));

/** A key that is missing because it was misspelt: the slip, which is told with this one as the key that was meant, says so. */
function isMeantBy({ keys, path: among }: Slip, path: Path, known: readonly string[]): boolean {
  const missing = path.at(-1);
  if (path.length !== among.length + 1 || among.some((step, depth) => path[depth] !== step)) return false;
  return keys.some((key) => nearest(key, known) === String(missing));
}

function explainOne(issue: Issue, path: Path, reading: Reading): void {
  const { tree, schema, report } = reading;
  const found = at(tree, path);
  switch (issue.code) {
    case 'custom': {
      const hint: unknown = issue.params?.hint;
      const where = issue.params?.key === true ? 'key' : 'value';
      report.error(path, issue.message, typeof hint === 'string' ? hint : '', where);
      return;
    }
    case 'unrecognized_keys':
      for (const key of issue.keys) unknownKey(key, keysAt(schema, path), [...path, key], report);
      return;
    case 'invalid_union':
      explainUnion(issue, path, reading);
      return;
    case 'invalid_value':
      unchosen(found, issue.values.map(String), path, report);
      return;
    case 'invalid_type':
      unfit(found, kinds[issue.expected] ?? issue.expected, path, report);
      return;
    case 'too_small':
      if (isEmpty(found)) report.error(path, 'is an empty list', 'at least one is needed');
      else report.error(path, 'is too short a list', `at least ${issue.minimum} are needed`);
      return;
    default:
      report.error(path, issue.message, 'see docs/configure.md');
  }
}

/** Of several forms, the one that was meant is the one whose kind was written. */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, reading: Reading): void {
  // Entries told apart by one of their keys, whose value is none of those there are.
  if (issue.discriminator !== undefined) {
    const choices = 'options' in issue ? (issue.options ?? []) : [];
    unchosen(at(reading.tree, path), choices.map(String), path, reading.report);
    return;
  }
  const wrongKind = (branch: readonly Issue[]): Issue | undefined =>
    branch.find(
      ({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'),
    );
  const [meant] = issue.errors
    .filter((branch) => wrongKind(branch) === undefined)
    .sort((one, other) => strangeness(one) - strangeness(other));
  if (meant !== undefined) {
    explain(meant, reading, path);
    return;
  }
  const forms = issue.errors.map((branch) => form(wrongKind(branch)));
  unfit(at(reading.tree, path), [...new Set(forms)].join(', or '), path, reading.report);
}

/** Of two forms of a map, the one meant has fewer keys too many or too few; those of its own count more than those below. */
function strangeness(branch: readonly Issue[]): number {
  return branch.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys')
      return sum + issue.keys.length * (issue.path.length === 0 ? 2 : 1);
    return issue.code === 'invalid_type' ? sum + 1 : sum;
  }, 0);
}

function unknownKey(key: string, known: readonly string[], path: Path, report: Report): void {
  if (known.includes(key)) {
    report.error(path, `"${key}" does not go with the keys beside it`, 'keep one of the two forms', 'key');
  } else report.error(path, `unknown key "${key}"`, offer(key, known, 'no key is known here'), 'key');
}

function form(issue: Issue | undefined): string {
  if (issue?.code === 'invalid_value') return issue.values.map(String).join(', ');
  return issue?.code === 'invalid_type' ? (kinds[issue.expected] ?? issue.expected) : 'another form';
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a value',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function unchosen(found: Tree | undefined, choices: readonly string[], path: Path, report: Report): void {
  if (typeof found === 'string') {
    report.error(path, `"${found}" is not one of the choices`, offer(found, choices, ''));
  } else unfit(found, `one of: ${choices.join(', ')}`, path, report);
}

function unfit(found: Tree | undefined, wanted: string, path: Path, report: Report): void {
  const key = String(path.at(-1) ?? 'the file');
  if (found === undefined) report.error(path, `"${key}" is missing`, `add "${key}:" with ${wanted}`);
  else if (found === null) report.error(path, `"${key}" has no value`, `write ${wanted}`);
  else report.error(path, `${described(found)} cannot stand here`, `write ${wanted}`);
}

const isEmpty = (found: Tree | undefined): boolean => Array.isArray(found) && found.length === 0;

function described(tree: Tree): string {
  if (typeof tree === 'string') return `"${tree}"`;
  return isBranch(tree) ? 'a map' : 'a list';
}

import { contradiction } from '../conditions/can-hold.ts';
import { anyCall } from '../conditions/domains.ts';
import type { Domains } from '../conditions/domains.ts';
import type { Condition } from '../../conditions/condition.ts';
import { describe } from '../../conditions/describe.ts';
import { at, keysOf } from '../yaml/tree.ts';
import type { Path, Tree } from '../yaml/tree.ts';

/** Conditions of one map, and where it stands: each of its keys is one of them. */
export interface ConditionsAt {
  readonly path: Path;
  readonly conditions: readonly Condition[];
}

/** Where the condition of a place in the list stands. */
export function placeOf({ path }: ConditionsAt, index: number, tree: Tree): Path {
  const key = keysOf(at(tree, path))[index];
  return key === undefined ? path : [...path, key];
}

interface Contradiction {
  /** Where the last condition that has a part in it stands. */
  readonly path: Path;
  /** `caller.state is TX and not (caller.state is TX)`. */
  readonly words: string;
  /** What may be wrong. */
  readonly hint: string;
}

/** What cannot hold together of the conditions of a map, those of `also` holding too; null where all of it can. */
export function contradictionIn(
  map: ConditionsAt,
  domains: Domains,
  tree: Tree,
  also: readonly Condition[] = [],
): Contradiction | null {
  const all = [...also, ...map.conditions];
  const core = contradiction(all, domains);
  const last = core?.at(-1);
  if (core == null || last === undefined || last < also.length) return null;
  const parts = core.flatMap((index) => all[index] ?? []);
  const hint =
    contradiction(parts, anyCall) === null
      ? 'no caller, number or menu of the campaign has it so'
      : 'no call can have it so';
  return { path: placeOf(map, last - also.length, tree), words: parts.map(describe).join(' and '), hint };
}

import { children, isBranch, select } from '../yaml/tree.ts';
import type { Path, Place } from '../yaml/tree.ts';

/** The buyers that a campaign's `routes` name, alone or in a ring group, each with the place of its name. */
export function buyersOf(routes: Place): { path: Path; name: string }[] {
  return children(routes)
    .filter(({ tree }) => isBranch(tree))
    .flatMap((route) => [...select(route, 'buyer'), ...select(route, 'ring.*')])
    .flatMap(({ path, tree }) => (typeof tree === 'string' ? [{ path, name: tree }] : []));
}

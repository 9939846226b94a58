import type { Campaign, Route } from '../../routing/network.ts';
import { buyersOf } from '../checks/routes.ts';
import { at } from '../yaml/tree.ts';
import type { Path, Tree } from '../yaml/tree.ts';

interface RouteAt {
  readonly route: Route;
  /** Of its buyer's name. */
  readonly path: Path;
  /** Of the entry in the list, which of a ring group has several. */
  readonly whole: Path;
}

/** The routes of a campaign and where they stand. */
export function routesIn({ id, routing }: Campaign, tree: Tree): RouteAt[] {
  const path = ['campaigns', id, 'routing', 'routes'];
  const places = buyersOf({ path, tree: at(tree, path) ?? null });
  return routing.routes.flatMap((route, index) => {
    const place = places[index];
    return place === undefined
      ? []
      : [{ route, path: place.path, whole: place.path.slice(0, path.length + 1) }];
  });
}

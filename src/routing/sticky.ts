import type { CompiledRoute } from './compiled.ts';
import { isSameUnit } from './order.ts';
import type { CallToRoute, World } from './plan.ts';

/**
 * The taker that this caller was connected to last, within `sticky`, goes first whatever its priority; with it, behind
 * it, the ring group that it belongs to.
 */
export function stickyFirst(
  plan: readonly CompiledRoute[],
  { campaign, caller }: CallToRoute,
  world: World,
): readonly CompiledRoute[] {
  const { sticky } = campaign.routing;
  if (sticky === null || caller === null) return plan;
  let latest = world.now - sticky;
  let known: CompiledRoute | undefined;
  for (const route of plan) {
    const at = world.callerSeen(caller, campaign.id, route.attempt.buyer.id, 'connected');
    if (at === null || at <= latest) continue;
    latest = at;
    known = route;
  }
  if (known === undefined) return plan;
  const first = known;
  const others = plan.filter((route) => route !== first);
  const companions = others.filter((route) => isSameUnit(route, first));
  return [first, ...companions, ...others.filter((route) => !isSameUnit(route, first))];
}

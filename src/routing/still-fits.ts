import { evaluateAll } from '../conditions/evaluate.ts';
import { explain } from './explain.ts';
import { routeOf } from './compiled.ts';
import { commonLimits } from './limits.ts';
import type { CallToRoute, LeftOut, PlannedAttempt, World } from './plan.ts';
import { firstBroken, type Asked } from './rules.ts';
import type { RoutingTable } from './table.ts';

/**
 * Asked again when a planned buyer's turn comes, for others may have taken its last slot since the plan was made.
 * Whoever takes a lease on the answer takes it in the same tick. Repeat callers are not looked at anew: by now this
 * very call may have been attempted elsewhere, and a call does not repeat itself.
 */
export function stillFits(
  table: RoutingTable,
  call: CallToRoute,
  attempt: PlannedAttempt,
  world: World,
): LeftOut | null {
  const campaign = table.campaigns.get(call.campaign.id);
  const route = campaign === undefined ? undefined : routeOf(campaign, attempt);
  if (campaign === undefined || route === undefined)
    throw new Error(`${attempt.buyer.id} is not of this table`);
  const common = commonLimits(campaign.limits, table.publishers.get(call.publisher) ?? null, world);
  const asked: Asked = { call, world, trunks: world.trunks(), common, repeat: null };
  const accepts = evaluateAll(attempt.buyer.accepts, call.attributes) === true;
  const rule = firstBroken(route, { accepts, isOpen: route.buyer.opening.isOpen(world.now) }, asked);
  return rule === null ? null : explain(rule, route, asked);
}

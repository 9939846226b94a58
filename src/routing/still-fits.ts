import type { RoutingTable } from './table.ts';
import { explain } from './explain.ts';
import type { CallToRoute, LeftOut, PlannedAttempt, World } from './plan.ts';
import { firstBroken } from './rules.ts';

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
  const route = campaign?.routes.find((one) => one.attempt === attempt);
  if (route === undefined) throw new Error(`${attempt.buyer.id} is not of this table`);
  const rule = firstBroken(route, call, world, null);
  return rule === null ? null : explain(rule, route, call, world, null);
}

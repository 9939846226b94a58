import type { RoutingTable } from './compile.ts';
import { explain } from './explain.ts';
import type { CallToRoute, LeftOut, PlannedAttempt, World } from './plan.ts';
import { repeatOf } from './repeat-caller.ts';
import { firstBroken } from './rules.ts';

/**
 * Asked again when a planned buyer's turn comes, for others may have taken its last slot since the plan was made.
 * Whoever takes a lease on the answer takes it in the same tick.
 */
export function stillFits(
  table: RoutingTable,
  call: CallToRoute,
  attempt: PlannedAttempt,
  world: World,
): LeftOut | null {
  const campaign = table.campaigns.get(call.campaign.id);
  const route = campaign?.routes.find((one) => one.attempt === attempt);
  if (!campaign || !route) throw new Error(`${attempt.buyer.id} is not of this table`);
  const repeat = repeatOf(campaign.campaign, campaign.routes, call.caller, world);
  const rule = firstBroken(route, call, world, repeat);
  return rule === null ? null : explain(rule, route, call, world, repeat);
}

/** What a call is expected to bring: the buyer's bid, or the best of its rules whose conditions hold but for the clocks. */
import { routeOf, type CompiledBuyer } from './compiled.ts';
import type { Bidder } from './network.ts';
import type { CallToRoute, PlannedAttempt, World } from './plan.ts';
import type { RoutingTable } from './table.ts';

/** Micro-units. A bid takes the place of the amount where one of the rules holds: where none does, nobody pays it. */
export function expectedRevenue({ buyer, worth }: CompiledBuyer, call: CallToRoute, world: World): number {
  let best = 0;
  let holds = worth.length === 0;
  for (const rule of worth) {
    if (!rule.holds(call.attributes)) continue;
    holds = true;
    if (rule.pays > best) best = rule.pays;
  }
  if (buyer.bid === null) return best;
  const bid = world.bid(buyer.id);
  return holds && isValidBid(bid, buyer.bid) ? bid : 0;
}

/** What is set aside on caps on revenue while the attempt may yet bring it. Micro-units. */
export function worthOf(
  table: RoutingTable,
  call: CallToRoute,
  attempt: PlannedAttempt,
  world: World,
): number {
  const campaign = table.campaigns.get(call.campaign.id);
  const route = campaign === undefined ? undefined : routeOf(campaign, attempt);
  return route === undefined ? 0 : expectedRevenue(route.buyer, call, world);
}

/** Amounts are whole micro-units: what is negative, no number or past all counting is no bid. */
export function isValidBid(bid: number | string | null, { min }: Bidder): bid is number {
  return typeof bid === 'number' && Number.isSafeInteger(bid) && bid >= 0 && bid >= min;
}

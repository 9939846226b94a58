import { isGood, type BidOutcome, type NoBidReason } from '../bids/outcome.ts';
import { bidders } from '../routing/table.ts';
import type { Call } from './call.ts';
import type { Floor } from './floor.ts';

/** What came of asking each bidder, by buyer. */
export type Bids = ReadonlyMap<string, BidOutcome>;

/** Asks the campaign's bidders, all at once, once what routing can know of the call is known. */
export async function askBidders(call: Call, floor: Floor): Promise<void> {
  const buyers = bidders(call.table.routing, call.campaign);
  const asked = buyers.flatMap(({ id, bid }) => (bid === null ? [] : [{ id, bid }]));
  if (asked.length === 0) return;
  const { from, campaign } = call.identity;
  const question = { call: call.id, campaign, caller: from, attributes: call.attributes };
  const outcomes = await call.unlessOver(floor.bidding.ask(question, asked));
  if (outcomes === null) return;
  call.bids = outcomes;
}

/** What a buyer's bid is worth now, in micro-units, or why there is none; null where the buyer was not asked. */
export function standingBid(bids: Bids, buyer: string, now: number): number | NoBidReason | null {
  const outcome = bids.get(buyer);
  if (outcome === undefined) return null;
  if (outcome.kind === 'none') return outcome.reason;
  return isGood(outcome, now) ? outcome.price : 'expired';
}

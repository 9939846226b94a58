import { isGood } from '../bids/outcome.ts';
import { bidders } from '../routing/table.ts';
import type { Call } from './call.ts';
import type { Floor } from './floor.ts';

/** A price for this call, in micro-units, and until when it stands. */
export interface Bid {
  readonly price: number;
  readonly expiresAt: number;
}

/** Asks the campaign's bidders, all at once, once what routing can know of the call is known. */
export async function askBidders(call: Call, floor: Floor): Promise<void> {
  const buyers = bidders(call.table.routing, call.campaign);
  const asked = buyers.flatMap(({ id, bid }) => (bid === null ? [] : [{ id, bid }]));
  if (asked.length === 0) return;
  const { from, campaign } = call.identity;
  const question = { call: call.id, campaign, caller: from, attributes: call.attributes };
  const outcomes = await call.unlessOver(floor.bidding.ask(question, asked));
  if (outcomes === null) return;
  call.bids = new Map(
    [...outcomes].flatMap(([buyer, outcome]) => (outcome.kind === 'bid' ? [[buyer, outcome] as const] : [])),
  );
}

/** What a buyer's bid is worth now; null where there is none, or it has expired. */
export function standingBid(bids: ReadonlyMap<string, Bid>, buyer: string, now: number): number | null {
  const bid = bids.get(buyer);
  return bid !== undefined && isGood(bid, now) ? bid.price : null;
}

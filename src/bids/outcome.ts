/** What came of asking one bidder. */

/**
 * Why there is no bid; the list is closed: log and metric use these words.
 *
 * - `timeout` no whole answer in time · `refused` the bidder does not want this call (204, or a price of 0)
 * - `malformed` an answer that cannot be read · `too_large` one that is past the limit · `below_min` less than its `min`
 * - `expired` a bid that ran out while others were waited for · `breaker_open` not asked, after failures in a row
 * - `failed` no connection, one that broke, any status but 200 and 204
 */
export type NoBidReason =
  'timeout' | 'refused' | 'malformed' | 'too_large' | 'below_min' | 'expired' | 'breaker_open' | 'failed';

interface Bid {
  readonly kind: 'bid';
  /** Micro-units, a safe integer above 0. */
  readonly price: number;
  /** Milliseconds since the epoch; from then on the bid binds nobody. */
  readonly expiresAt: number;
}

export interface NoBid {
  readonly kind: 'none';
  readonly reason: NoBidReason;
  /** One line for the log; of what the bidder sent it repeats nothing but a status. */
  readonly detail?: string;
}

export type BidOutcome = Bid | NoBid;

export function isGood({ expiresAt }: Pick<Bid, 'expiresAt'>, now: number): boolean {
  return now < expiresAt;
}

export function noBid(reason: NoBidReason, detail?: string): NoBid {
  return detail === undefined ? { kind: 'none', reason } : { kind: 'none', reason, detail };
}

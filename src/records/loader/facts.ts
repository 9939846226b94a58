/** What a record says of a call, as far as money depends on it. */
import { parseMoney, type Money } from '../../settlement/money.ts';
import type { Facts } from '../../settlement/settle.ts';
import type { AttemptRecord, CallRecord } from '../events.ts';
import { UnreadableEntry } from './pg-error.ts';

/** When a call comes to the database, nothing of it was reported yet. */
const nothingReported: Facts['reported'] = new Map();

export function factsOf(record: CallRecord): Facts {
  const { attributes, buyer, campaign, publisher, answeredAt, connectedAt, endedAt, cause } = record;
  return {
    attributes,
    buyer,
    bid: bidOf(record.attempts.findLast((attempt) => attempt.buyer === buyer)),
    campaign,
    publisher,
    connectedMs: connectedAt === null ? null : Math.max(0, endedAt - connectedAt),
    isAcknowledged: cause !== 'no_ack',
    inboundMs: answeredAt === null ? 0 : Math.max(0, endedAt - answeredAt),
    endedAt,
    reported: nothingReported,
  };
}

/** A bid that cannot be read is no reason to bill another amount: such an entry is kept aside. */
export function bidOf(attempt: Pick<AttemptRecord, 'bid' | 'buyer'> | undefined): Money | null {
  if (attempt?.bid === undefined) return null;
  const bid = parseMoney(attempt.bid);
  if (bid === null || bid < 0n)
    throw new UnreadableEntry(`the bid of ${attempt.buyer} is no amount: ${attempt.bid}`);
  return bid;
}

/** What the journal says of calls, put into the outbox by the transaction that loads it. */
import type { Transaction } from 'kysely';
import { formatMoney } from '../../settlement/money.ts';
import type { CallRecord, JournalEvent } from '../events.ts';
import { isoTime } from '../loader/iso-time.ts';
import { KnownTerms } from '../loader/known-terms.ts';
import type { InTransaction } from '../loader/load-batch.ts';
import type { SettledCall } from '../loader/settled-call.ts';
import type { Schema } from '../schema.ts';
import type { CallEnd, CallKnown, Happening, Worth } from './happening.ts';
import { noteLiveCalls } from './live-calls.ts';
import { reasonsOf } from './reasons-of.ts';
import type { CallEvent, Subscription } from './subscription.ts';
import { writeDeliveries } from './write-deliveries.ts';

/** `subscriptions`: those of the moment at which a batch is loaded. */
export function tellOfCalls(subscriptions: () => readonly Subscription[]): InTransaction {
  const terms = new KnownTerms();
  return async (trx, { events, settled }) => {
    const wanting = subscriptions();
    if (wanting.length === 0) return;
    const isWanted = (event: CallEvent) => wanting.some(({ events: wanted }) => wanted.includes(event));
    const happenings = [
      ...events.flatMap(startOf),
      ...(isWanted('call.connected') ? await connections(trx, events) : []),
      ...events.flatMap(endOf),
      ...(isWanted('call.settled') ? await settlements(trx, terms, events, settled) : []),
    ];
    await writeDeliveries(trx, happenings, wanting, Date.now());
  };
}

function startOf(event: JournalEvent): readonly Happening[] {
  if (event.type !== 'offered') return [];
  const { at, call, carrier, campaign, publisher, source, from, to, attributes } = event;
  const known = { call, carrier, campaign, publisher, source, from, to, attributes };
  return [
    {
      ...{ event: 'call.started', at, reference: '' },
      call: { ...known, buyer: null, startedAt: at, connectedAt: null },
    },
  ];
}

/** One for each buyer that took the call: where the first hung up at once, the next may have taken it, too. */
async function connections(
  trx: Transaction<Schema>,
  events: readonly JournalEvent[],
): Promise<readonly Happening[]> {
  const live = await noteLiveCalls(trx, events);
  return events.flatMap((event): readonly Happening[] => {
    const call = event.type === 'connected' ? live.get(event.call) : undefined;
    if (event.type !== 'connected' || !call) return [];
    const { at, buyer } = event;
    return [
      { event: 'call.connected', at, reference: String(at), call: { ...call, buyer, connectedAt: at } },
    ];
  });
}

function endOf(event: JournalEvent): readonly Happening[] {
  if (event.type !== 'ended') return [];
  const { at, record } = event;
  return [{ event: 'call.ended', at, reference: '', call: callOf(record), end: ofEnd(record) }];
}

async function settlements(
  trx: Transaction<Schema>,
  terms: KnownTerms,
  events: readonly JournalEvent[],
  settled: readonly SettledCall[],
): Promise<readonly Happening[]> {
  const ended = new Map(
    events.flatMap((event) => (event.type === 'ended' ? [[event.record.call, event] as const] : [])),
  );
  const reasons = await reasonsOf(
    trx,
    settled.flatMap(({ call }) => {
      const record = ended.get(call)?.record;
      return record ? [{ call, started: isoTime(record.startedAt) }] : [];
    }),
  );
  const happenings: Happening[] = [];
  for (const call of settled) {
    const end = ended.get(call.call);
    const why = reasons.get(call.call);
    if (!end || !why) continue;
    const book = await terms.of(trx, end.record);
    const money = (amount: bigint) => formatMoney(amount, book?.minorDigits);
    const worth: Worth = {
      currency: book?.currency ?? null,
      revenue: money(call.revenue),
      payout: money(call.payout),
      margin: money(call.revenue - call.payout),
      converted: call.converted,
      ...why,
    };
    happenings.push({
      ...{ event: 'call.settled', at: end.at, reference: '', worth },
      ...{ call: callOf(end.record), end: ofEnd(end.record) },
    });
  }
  return happenings;
}

const callOf = (record: CallRecord): CallKnown => record;

const ofEnd = ({ answeredAt, endedAt, outcome, cause, hungUpBy }: CallRecord): CallEnd => ({
  ...{ answeredAt, endedAt, outcome, cause, hungUpBy },
});

/** The rows of a call, as JSON that Postgres reads by the types of its own tables. */
import type { Insertable } from 'kysely';
import { ledgerEntries, payableAt } from '../../settlement/ledger-lines.ts';
import type { Facts, Settlement } from '../../settlement/settle.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { AttemptRecord, CallRecord, JournalEvent } from '../events.ts';
import type { AttemptsTable, CallMediaTable, CallsTable } from '../schema/calls.ts';
import type { LedgerEntriesTable } from '../schema/money.ts';
import { bidOf } from './facts.ts';
import { isoTime } from './iso-time.ts';

/** Times and whole numbers beyond what a double holds travel as text; what the table generates does not travel. */
type Row<Table> = {
  readonly [Column in keyof Insertable<Table>]-?: unknown;
};

export const callRow = (
  record: CallRecord,
  facts: Facts,
  worth: Pick<Settlement, 'revenue' | 'revenueReason' | 'payout' | 'payoutReason' | 'converted'>,
): Row<CallsTable> => ({
  id: record.call,
  started_at: isoTime(record.startedAt),
  ringing_at: time(record.ringingAt),
  answered_at: time(record.answeredAt),
  acknowledged_at: time(record.acknowledgedAt),
  connected_at: time(record.connectedAt),
  bye_at: time(record.byeAt),
  ended_at: isoTime(record.endedAt),
  sip_call_id: record.sipCallId ?? null,
  from_number: record.from,
  to_number: record.to,
  carrier: record.carrier,
  campaign: record.campaign,
  publisher: record.publisher,
  source: record.source,
  attributes: record.attributes,
  outcome: record.outcome,
  cause: record.cause,
  hung_up_by: record.hungUpBy,
  buyer: record.buyer,
  connected_ms: facts.connectedMs ?? 0,
  inbound_ms: facts.inboundMs,
  media: record.media,
  codec: record.codec ?? null,
  recording: record.recording,
  plan: record.plan,
  left_out: record.leftOut,
  table_hash: record.table,
  revenue: String(worth.revenue),
  revenue_reason: worth.revenueReason,
  payout: String(worth.payout),
  payout_reason: worth.payoutReason,
  converted: worth.converted,
});

export const attemptRow = (
  record: CallRecord,
  attempt: AttemptRecord,
  index: number,
): Row<AttemptsTable> => ({
  call_id: record.call,
  call_started_at: isoTime(record.startedAt),
  position: index + 1,
  buyer: attempt.buyer,
  trunk: attempt.trunk,
  dial: attempt.dial,
  priority: attempt.priority,
  bid: bidOf(attempt)?.toString() ?? null,
  sip_call_id: attempt.sipCallId ?? null,
  started_at: isoTime(attempt.startedAt),
  ringing_at: time(attempt.ringingAt),
  answered_at: time(attempt.answeredAt),
  acknowledged_at: time(attempt.acknowledgedAt),
  bye_at: time(attempt.byeAt),
  ended_at: isoTime(attempt.endedAt),
  result: attempt.result,
  status: attempt.status,
  reason: attempt.reason,
});

/** The posting of a call: its lines sum to zero, and none are needed where it moves no money. */
export function ledgerRows(
  record: CallRecord,
  worth: Pick<Settlement, 'revenue' | 'payout' | 'margin'>,
  book: TermsBook,
): readonly Row<LedgerEntriesTable>[] {
  return ledgerEntries(worth, record).map(({ account, party, amount }) => ({
    call_id: record.call,
    kind: 'call',
    reference: '',
    account,
    party,
    campaign: record.campaign,
    amount: String(amount),
    currency: book.currency,
    at: isoTime(record.endedAt),
    corrects: null,
    payable_at: account === 'payable' ? isoTime(payableAt(record, book)) : null,
    made_by: null,
    why: null,
  }));
}

export const mediaRow = (event: Extract<JournalEvent, { type: 'media' }>): Row<CallMediaTable> => ({
  call_id: event.call,
  call_started_at: isoTime(event.startedAt),
  leg: event.leg,
  codec: event.codec,
  packets_sent: event.packetsSent,
  packets_received: event.packetsReceived,
  packets_lost: event.packetsLost,
  jitter_ms: event.jitter,
});

const time = (at: number | null | undefined): string | null => (at == null ? null : isoTime(at));

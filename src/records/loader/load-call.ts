/** A call that ended, for the database: its record, its attempts, what it was worth and who owes whom. */
import type { Insertable, Transaction } from 'kysely';
import { ledgerEntries } from '../../settlement/ledger-lines.ts';
import { parseMoney, type Money } from '../../settlement/money.ts';
import { duplicateWindows, settle, type Facts, type Settlement } from '../../settlement/settle.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { AttemptRecord, CallRecord } from '../events.ts';
import type { AttemptsTable, LedgerEntriesTable, Schema } from '../schema.ts';
import { findDuplicates } from './find-duplicates.ts';
import { UnreadableEntry } from './pg-error.ts';

/** What the running switch wants to know of a call that was settled. Times in milliseconds, money in micro-units. */
export interface SettledCall {
  readonly call: string;
  /** Null where the number was withheld. */
  readonly caller: string | null;
  readonly campaign: string;
  readonly publisher: string;
  readonly buyer: string | null;
  readonly connectedAt: number | null;
  readonly endedAt: number;
  readonly converted: boolean;
  readonly revenue: bigint;
  readonly payout: bigint;
}

/** The call's row is in; what refers to it goes in with that of the whole batch. */
export interface LoadedCall {
  readonly settled: SettledCall;
  readonly attempts: readonly Insertable<AttemptsTable>[];
  readonly entries: readonly Insertable<LedgerEntriesTable>[];
}

/** Null where the database has the call already: a journal that lost its name is read from its start. */
export async function loadCall(
  trx: Transaction<Schema>,
  record: CallRecord,
  terms: TermsBook | null,
): Promise<LoadedCall | null> {
  const facts = factsOf(record);
  const worth = terms ? await settleCall(trx, record, facts, terms) : unknownTerms(record.table);
  if (!(await insertCall(trx, record, facts, worth))) return null;
  return {
    settled: settledCall(record, worth),
    attempts: record.attempts.map((attempt, index) => attemptRow(record.call, attempt, index)),
    entries: terms ? entryRows(record, worth, terms.currency) : [],
  };
}

/** Of the calls that the database has already. */
export async function settledCalls(
  trx: Transaction<Schema>,
  calls: readonly string[],
): Promise<readonly SettledCall[]> {
  if (calls.length === 0) return [];
  const rows = await trx.selectFrom('calls').selectAll().where('id', 'in', calls).execute();
  return rows.map((row) => ({
    call: row.id,
    caller: row.from_number,
    campaign: row.campaign,
    publisher: row.publisher,
    buyer: row.buyer,
    connectedAt: row.connected_at?.getTime() ?? null,
    endedAt: row.ended_at.getTime(),
    converted: row.converted,
    revenue: row.revenue,
    payout: row.payout,
  }));
}

const settledCall = (record: CallRecord, worth: Worth): SettledCall => ({
  call: record.call,
  caller: record.from,
  campaign: record.campaign,
  publisher: record.publisher,
  buyer: record.buyer,
  connectedAt: record.connectedAt,
  endedAt: record.endedAt,
  converted: worth.converted,
  revenue: worth.revenue,
  payout: worth.payout,
});

type Worth = Omit<Settlement, 'revenueRule' | 'payoutRule'>;

function factsOf(record: CallRecord): Facts {
  const { attributes, buyer, campaign, publisher, answeredAt, connectedAt, endedAt } = record;
  return {
    attributes,
    buyer,
    bid: bidOf(record.attempts.findLast((attempt) => attempt.buyer === buyer)),
    campaign,
    publisher,
    connectedMs: connectedAt === null ? null : Math.max(0, endedAt - connectedAt),
    inboundMs: answeredAt === null ? 0 : Math.max(0, endedAt - answeredAt),
  };
}

/** A bid that cannot be read is no reason to bill another amount: such an entry is kept aside. */
function bidOf(attempt: AttemptRecord | undefined): Money | null {
  if (attempt?.bid === undefined) return null;
  const bid = parseMoney(attempt.bid);
  if (bid === null || bid < 0n)
    throw new UnreadableEntry(`the bid of ${attempt.buyer} is no amount: ${attempt.bid}`);
  return bid;
}

async function settleCall(
  trx: Transaction<Schema>,
  record: CallRecord,
  facts: Facts,
  terms: TermsBook,
): Promise<Settlement> {
  return settle(facts, terms, await findDuplicates(trx, record, duplicateWindows(facts, terms)));
}

function unknownTerms(table: string): Worth {
  const reason = `the terms of table ${table} are not known`;
  return {
    revenue: 0n,
    payout: 0n,
    margin: 0n,
    converted: false,
    revenueReason: reason,
    payoutReason: reason,
  };
}

async function insertCall(
  trx: Transaction<Schema>,
  record: CallRecord,
  facts: Facts,
  worth: Worth,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('calls')
    .values({
      id: record.call,
      started_at: new Date(record.startedAt),
      answered_at: time(record.answeredAt),
      connected_at: time(record.connectedAt),
      ended_at: new Date(record.endedAt),
      from_number: record.from,
      to_number: record.to,
      carrier: record.carrier,
      campaign: record.campaign,
      publisher: record.publisher,
      source: record.source,
      attributes: JSON.stringify(record.attributes),
      outcome: record.outcome,
      cause: record.cause,
      hung_up_by: record.hungUpBy,
      buyer: record.buyer,
      connected_ms: facts.connectedMs ?? 0,
      media: record.media,
      recording: record.recording,
      plan: JSON.stringify(record.plan),
      left_out: JSON.stringify(record.leftOut),
      table_hash: record.table,
      revenue: worth.revenue,
      revenue_reason: worth.revenueReason,
      payout: worth.payout,
      payout_reason: worth.payoutReason,
      converted: worth.converted,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

const attemptRow = (call: string, attempt: AttemptRecord, index: number): Insertable<AttemptsTable> => ({
  call_id: call,
  position: index + 1,
  buyer: attempt.buyer,
  trunk: attempt.trunk,
  dial: attempt.dial,
  priority: attempt.priority,
  bid: bidOf(attempt),
  started_at: new Date(attempt.startedAt),
  ringing_at: time(attempt.ringingAt),
  answered_at: time(attempt.answeredAt),
  ended_at: new Date(attempt.endedAt),
  result: attempt.result,
  status: attempt.status,
  reason: attempt.reason,
});

function entryRows(
  record: CallRecord,
  worth: Worth,
  currency: string,
): readonly Insertable<LedgerEntriesTable>[] {
  const at = new Date(record.endedAt);
  return ledgerEntries(worth, record).map((line) => ({
    ...line,
    call_id: record.call,
    kind: 'call',
    currency,
    at,
  }));
}

const time = (at: number | null): Date | null => (at === null ? null : new Date(at));

/** What each call of a batch was worth, one after the other, and the rows that say so. */
import type { Transaction } from 'kysely';
import { settle, type Settlement } from '../../settlement/settle.ts';
import type { CallRecord } from '../events.ts';
import type { PaidOut } from '../paid-out.ts';
import type { Schema } from '../schema.ts';
import { BatchPast } from './batch-past.ts';
import { factsOf } from './facts.ts';
import type { KnownTerms } from './known-terms.ts';
import { pastsOf, underTerms, type CallUnderTerms } from './past.ts';
import { attemptRow, callRow, ledgerRows } from './rows.ts';
import { settledCall, type SettledCall } from './settled-call.ts';

interface SettledRows {
  readonly calls: readonly object[];
  readonly attempts: readonly object[];
  readonly ledger: readonly object[];
  readonly settled: readonly SettledCall[];
  readonly paidOut: readonly PaidOut[];
}

/** `records`: of calls that the database does not have, in the order of the journal. */
export async function settleCalls(
  trx: Transaction<Schema>,
  records: readonly CallRecord[],
  terms: KnownTerms,
): Promise<SettledRows> {
  const known = new Map<CallRecord, CallUnderTerms>();
  for (const call of records) {
    const book = await terms.of(trx, call);
    if (book) known.set(call, underTerms(call, book));
  }
  const settleable = [...known.values()];
  const past = new BatchPast(settleable, await pastsOf(trx, settleable));
  const rows = {
    calls: [] as object[],
    attempts: [] as object[],
    ledger: [] as object[],
    settled: [] as SettledCall[],
    paidOut: [] as PaidOut[],
  };
  for (const record of records) {
    const facts = factsOf(record);
    const each = known.get(record);
    const worth = each ? settle(facts, each.book, past.of(each)) : unknownTerms(record.table);
    if (each) past.add(each, worth);
    rows.calls.push(callRow(record, facts, worth));
    rows.attempts.push(...record.attempts.map((attempt, index) => attemptRow(record, attempt, index)));
    if (each) {
      rows.ledger.push(...ledgerRows(record, worth, each.book));
      rows.paidOut.push({ ...settledCall(record, worth), currency: each.book.currency });
    }
    rows.settled.push(settledCall(record, worth));
  }
  return rows;
}

function unknownTerms(table: string): Omit<Settlement, 'revenueRule' | 'payoutRule'> {
  const reason = `the terms of table ${table} are not known`;
  return {
    ...{ revenue: 0n, payout: 0n, margin: 0n, converted: false },
    ...{ revenueReason: reason, payoutReason: reason },
  };
}

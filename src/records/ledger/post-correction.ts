/**
 * A correction is a posting of its own: for each account of a call the difference between what it is worth now and what
 * stands, naming the line that it corrects. What the record shows follows in the same transaction.
 */
import { sql, type Transaction } from 'kysely';
import { corrections, ledgerEntries, type LedgerLine } from '../../settlement/ledger-lines.ts';
import type { Money } from '../../settlement/money.ts';
import type { Settlement } from '../../settlement/settle.ts';
import { addPaidOut } from '../paid-out.ts';
import type { Schema } from '../schema.ts';
import type { Corrected } from './correcting.ts';
import { holdOver, type RecordedCall } from './recorded-call.ts';

interface Correction {
  readonly call: RecordedCall;
  readonly kind: 'conversion' | 'dispute';
  /** Tells it apart from others of its kind about this call. */
  readonly reference: string;
  readonly worth: Pick<Settlement, 'revenue' | 'payout' | 'converted' | 'revenueReason' | 'payoutReason'>;
  readonly by: string;
  readonly why: string;
  readonly at: Date;
}

/** In the settlement turn. Where no money moved there is no posting, and yet the call may convert by it. */
export async function postCorrection(trx: Transaction<Schema>, correction: Correction): Promise<Corrected> {
  const { kind, reference, worth, by, why, at } = correction;
  const { row, book } = correction.call;
  const standing = await standingLines(trx, row.id);
  const margin = worth.revenue - worth.payout;
  const lines = corrections(standing, ledgerEntries({ ...worth, margin }, row));
  await showInRecord(trx, correction);
  if (lines.length > 0) await post(trx, correction, lines, standing);
  const payout = -sumOf(lines, 'payable');
  const { publisher, campaign, ended_at: endedAt } = row;
  await addPaidOut(trx, [
    { publisher, campaign, currency: book.currency, endedAt: endedAt.getTime(), payout },
  ]);
  return {
    ...{ call: row.id, kind, reference, at, by, why },
    ...{ campaign, publisher, endedAt },
    buyer: row.buyer,
    caller: row.from_number,
    currency: book.currency,
    minorDigits: book.minorDigits,
    revenue: sumOf(lines, 'receivable'),
    payout,
    converted: worth.converted === row.converted ? 0 : worth.converted ? 1 : -1,
  };
}

async function post(
  trx: Transaction<Schema>,
  { call, kind, reference, by, why, at }: Correction,
  lines: readonly LedgerLine[],
  standing: readonly StandingLine[],
): Promise<void> {
  const { row, book } = call;
  await trx
    .insertInto('ledger_entries')
    .values(
      lines.map(({ account, party, amount }) => ({
        ...{ account, party, amount, kind, reference, at, why },
        call_id: row.id,
        campaign: row.campaign,
        currency: book.currency,
        corrects: standing.find(isOf({ account, party }))?.last ?? null,
        payable_at: account === 'payable' ? holdOver(call) : null,
        made_by: by,
      })),
    )
    .execute();
}

/** What an account of a call comes to, and the newest of the lines that made it so. */
interface StandingLine extends LedgerLine {
  readonly last: bigint;
}

/** Adjustments stand for themselves: no correction takes one back. */
async function standingLines(trx: Transaction<Schema>, call: string): Promise<readonly StandingLine[]> {
  const { rows } = await sql<StandingLine>`
    select account, party, sum(amount)::bigint as amount, max(id) as last from ledger_entries
     where call_id = ${call} and kind <> 'adjustment' group by account, party`.execute(trx);
  return rows;
}

const isOf =
  (one: Pick<LedgerLine, 'account' | 'party'>) =>
  (line: LedgerLine): boolean =>
    line.account === one.account && line.party === one.party;

async function showInRecord(trx: Transaction<Schema>, { call: { row }, worth }: Correction): Promise<void> {
  await trx
    .updateTable('calls')
    .set({
      revenue: worth.revenue,
      revenue_reason: worth.revenueReason,
      payout: worth.payout,
      payout_reason: worth.payoutReason,
      converted: worth.converted,
    })
    .where('id', '=', row.id)
    .where('started_at', '=', row.started_at)
    .execute();
}

const sumOf = (lines: readonly LedgerLine[], account: LedgerLine['account']): Money =>
  lines.reduce((sum, line) => (line.account === account ? sum + line.amount : sum), 0n);

/**
 * A statement with all that is in it: the same at every look, however the ledger goes on. It goes to the party that it is
 * of: a publisher's has nothing of what buyers reported, disputed and were told.
 */
import { sql, type Kysely } from 'kysely';
import { formatMoney } from '../../settlement/money.ts';
import { minorDigitsOf } from '../currencies.ts';
import type { Schema } from '../schema.ts';
import type { LedgerEntriesTable } from '../schema/money.ts';
import { statementView, type StatementView } from './list-statements.ts';

export interface FullStatement extends StatementView {
  /** What it comes to by campaign and by kind of posting; the amounts sum up to the total. */
  readonly sums: readonly StatementSum[];
  readonly lines: readonly StatementLine[];
}

export interface StatementSum {
  /** Null where the postings are of no campaign. */
  readonly campaign: string | null;
  readonly kind: LedgerEntriesTable['kind'];
  readonly lines: number;
  readonly amount: string;
}

export interface StatementLine {
  /** The line's number in the ledger. */
  readonly entry: string;
  readonly at: string;
  readonly kind: LedgerEntriesTable['kind'];
  /** With `why` and `made_by`: null in a publisher's statement, but of adjustments. */
  readonly reference: string | null;
  readonly campaign: string | null;
  readonly call: string | null;
  /** The tracking number called, the publisher's source, the talk: null where the record is gone, or there was no call. */
  readonly number: string | null;
  readonly source: string | null;
  readonly connected_ms: number | null;
  /** Negative where it takes back. */
  readonly amount: string;
  /** The line that this one corrects. */
  readonly corrects: string | null;
  /** Of what a publisher is owed: when its hold is over. */
  readonly payable_at: string | null;
  readonly why: string | null;
  readonly made_by: string | null;
}

/** Null where there is no such statement. */
export async function showStatement(db: Kysely<Schema>, id: string): Promise<FullStatement | null> {
  const statement = await db.selectFrom('statements').selectAll().where('id', '=', id).executeTakeFirst();
  if (!statement) return null;
  const rows = await linesOf(db, id);
  const isPublishers = statement.account === 'payable';
  const sign = isPublishers ? -1n : 1n;
  const money = (amount: bigint) => formatMoney(sign * amount, minorDigitsOf(statement.currency));
  return {
    ...statementView(statement),
    sums: sumsOf(rows).map((sum) => ({ ...sum, amount: money(sum.amount) })),
    lines: rows.map((row) => ({
      entry: String(row.id),
      at: row.at.toISOString(),
      kind: row.kind,
      campaign: row.campaign,
      call: row.call_id,
      number: row.to_number,
      source: row.source,
      connected_ms: row.connected_ms === null ? null : Number(row.connected_ms),
      amount: money(row.amount),
      corrects: row.corrects === null ? null : String(row.corrects),
      payable_at: row.payable_at?.toISOString() ?? null,
      ...(isPublishers && row.kind !== 'adjustment' ? untold : told(row)),
    })),
  };
}

const untold = { reference: null, why: null, made_by: null };

const told = ({ reference, why, made_by }: LineRow) => ({ reference, why, made_by });

interface LineRow {
  readonly id: bigint;
  readonly at: Date;
  readonly kind: LedgerEntriesTable['kind'];
  readonly reference: string;
  readonly campaign: string | null;
  readonly call_id: string | null;
  readonly to_number: string | null;
  readonly source: string | null;
  readonly connected_ms: bigint | null;
  readonly amount: bigint;
  readonly corrects: bigint | null;
  readonly payable_at: Date | null;
  readonly why: string | null;
  readonly made_by: string | null;
}

async function linesOf(db: Kysely<Schema>, id: string): Promise<readonly LineRow[]> {
  const { rows } = await sql<LineRow>`
    select entry.id, entry.at, entry.kind, entry.reference, entry.campaign, entry.call_id, entry.amount,
           entry.corrects, entry.payable_at, entry.why, entry.made_by,
           calls.to_number, calls.source, calls.connected_ms
      from statement_lines join ledger_entries as entry on entry.id = entry_id
      left join calls on calls.id = entry.call_id
     where statement_id = ${id} order by entry.at, entry.id`.execute(db);
  return rows;
}

type Sum = Omit<StatementSum, 'amount'> & { readonly amount: bigint };

function sumsOf(rows: readonly LineRow[]): readonly Sum[] {
  const sums = new Map<string, Sum>();
  for (const { campaign, kind, amount } of rows) {
    const key = JSON.stringify([campaign, kind]);
    const sum = sums.get(key) ?? { campaign, kind, lines: 0, amount: 0n };
    sums.set(key, { ...sum, lines: sum.lines + 1, amount: sum.amount + amount });
  }
  const order = (one: Sum) => `${one.campaign ?? '\uffff'} ${kinds.indexOf(one.kind)}`;
  return [...sums.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const kinds: readonly LedgerEntriesTable['kind'][] = ['call', 'conversion', 'dispute', 'adjustment'];

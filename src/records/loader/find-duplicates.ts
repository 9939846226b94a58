/**
 * Was this caller billed to this buyer, or paid for in this campaign, within the window? Calls may overlap and end in
 * another order than they began, so the window reaches both ways: of two calls, the one settled first is paid for.
 */
import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Duplicates } from '../../settlement/settle.ts';
import type { CallRecord } from '../events.ts';
import type { Schema } from '../schema.ts';

/** Windows in milliseconds; null: every call counts. A caller who withheld the number is nobody's duplicate. */
export async function findDuplicates(
  trx: Transaction<Schema>,
  record: CallRecord,
  windows: { readonly billable: number | null; readonly payable: number | null },
): Promise<Duplicates> {
  const { from, buyer, campaign } = record;
  if (from === null || (windows.billable === null && windows.payable === null))
    return { billable: false, payable: false };
  const { rows } = await sql<Duplicates>`
    select ${earlier(record, windows.billable, sql`buyer = ${buyer} and revenue > 0`)} as billable,
           ${earlier(record, windows.payable, sql`campaign = ${campaign} and payout > 0`)} as payable`.execute(
    trx,
  );
  return rows[0] ?? { billable: false, payable: false };
}

function earlier(
  record: CallRecord,
  within: number | null,
  paidFor: RawBuilder<unknown>,
): RawBuilder<unknown> {
  if (within === null) return sql`false`;
  const at = record.connectedAt ?? record.startedAt;
  const [after, before] = [new Date(at - within), new Date(at + within)];
  const instant = sql`coalesce(connected_at, started_at)`;
  return sql`exists (
    select from calls where from_number = ${record.from} and ${paidFor} and ${instant} > ${after} and ${instant} < ${before})`;
}

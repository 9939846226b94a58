/** Why these calls came to what they are worth, in words, as their records have it. */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Reasons {
  readonly revenueReason: string;
  readonly payoutReason: string;
}

/** `started` in ISO 8601: which month a record lies in. */
export async function reasonsOf(
  trx: Transaction<Schema>,
  calls: readonly { readonly call: string; readonly started: string }[],
): Promise<ReadonlyMap<string, Reasons>> {
  if (calls.length === 0) return new Map();
  const { rows } = await sql<{ id: string; revenue_reason: string; payout_reason: string }>`
    select id, revenue_reason, payout_reason
      from json_to_recordset(${JSON.stringify(calls)}::json) as sought(call text, started timestamptz)
      join calls on calls.id = sought.call and calls.started_at = sought.started`.execute(trx);
  return new Map(
    rows.map(({ id, revenue_reason, payout_reason }) => [
      id,
      { revenueReason: revenue_reason, payoutReason: payout_reason },
    ]),
  );
}

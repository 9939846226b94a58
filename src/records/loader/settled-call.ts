/** What the running switch wants to know of a call that was settled. */

import { sql, type Kysely } from 'kysely';
import type { Settlement } from '../../settlement/settle.ts';
import type { CallRecord } from '../events.ts';
import type { Schema } from '../schema.ts';
import { isoTime } from './iso-time.ts';

/** Times in milliseconds, money in micro-units. */
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

export const settledCall = (
  record: CallRecord,
  worth: Pick<Settlement, 'converted' | 'revenue' | 'payout'>,
): SettledCall => ({
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

/** Those of these calls that the database has, by their names. */
export async function settledCalls(
  db: Kysely<Schema>,
  calls: readonly Pick<CallRecord, 'call' | 'startedAt'>[],
): Promise<ReadonlyMap<string, SettledCall>> {
  if (calls.length === 0) return new Map();
  const sought = calls.map(({ call, startedAt }) => ({ call, started: isoTime(startedAt) }));
  const { rows } = await sql<{
    id: string;
    from_number: string | null;
    campaign: string;
    publisher: string;
    buyer: string | null;
    connected_at: Date | null;
    ended_at: Date;
    converted: boolean;
    revenue: bigint;
    payout: bigint;
  }>`
    select id, from_number, campaign, publisher, buyer, connected_at, ended_at, converted, revenue, payout
      from json_to_recordset(${JSON.stringify(sought)}::json) as sought(call text, started timestamptz)
      join calls on calls.id = sought.call and calls.started_at = sought.started`.execute(db);
  return new Map(
    rows.map((row) => [
      row.id,
      {
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
      },
    ]),
  );
}

/** What a starting switch must know of the past, so that caps and repeat callers outlive a restart. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * What a buyer had in a quarter of an hour, the grain at which every zone's midnight falls. Attempts count when they
 * began, connected calls when they were connected, converted calls and revenue when the call ended.
 */
export interface BuyerQuarter {
  readonly buyer: string;
  /** Start of the quarter, milliseconds since the epoch. */
  readonly at: number;
  readonly attempted: number;
  readonly connected: number;
  readonly converted: number;
  /** Micro-units. */
  readonly revenue: bigint;
}

/** Only quarters in which there was something; `since` in milliseconds. */
export async function buyerHistory(db: Kysely<Schema>, since: number): Promise<readonly BuyerQuarter[]> {
  const from = new Date(since);
  const { rows } = await sql<{
    buyer: string;
    quarter: Date;
    attempted: bigint;
    connected: bigint;
    converted: bigint;
    revenue: bigint;
  }>`
    with facts as (
      select buyer, started_at as at, 1 as attempted, 0 as connected, 0 as converted, 0::bigint as revenue
        from attempts where started_at >= ${from} and result <> 'trunk_busy'
      union all
      select buyer, connected_at, 0, 1, 0, 0 from calls where buyer is not null and connected_at >= ${from}
      union all
      select buyer, ended_at, 0, 0, converted::int, revenue from calls
        where buyer is not null and ended_at >= ${from} and (converted or revenue > 0)
    )
    select buyer, date_bin('15 minutes', at, 'epoch') as quarter, sum(attempted) as attempted,
           sum(connected) as connected, sum(converted) as converted, sum(revenue)::bigint as revenue
      from facts group by buyer, quarter order by quarter, buyer`.execute(db);
  return rows.map((row) => ({
    buyer: row.buyer,
    at: row.quarter.getTime(),
    attempted: Number(row.attempted),
    connected: Number(row.connected),
    converted: Number(row.converted),
    revenue: row.revenue,
  }));
}

/** When a caller last had to do with a buyer in a campaign; milliseconds since the epoch, null for never. */
export interface CallerHistory {
  readonly caller: string;
  readonly campaign: string;
  readonly buyer: string;
  readonly attemptedAt: number;
  readonly connectedAt: number | null;
  readonly convertedAt: number | null;
}

/** Callers who withheld their number are unknown and not in it. */
export async function callerHistory(db: Kysely<Schema>, since: number): Promise<readonly CallerHistory[]> {
  const { rows } = await sql<{
    caller: string;
    campaign: string;
    buyer: string;
    attempted_at: Date;
    connected_at: Date | null;
    converted_at: Date | null;
  }>`
    select calls.from_number as caller, calls.campaign, attempts.buyer,
           max(attempts.started_at) as attempted_at,
           max(calls.connected_at) filter (where calls.buyer = attempts.buyer) as connected_at,
           max(calls.connected_at) filter (where calls.buyer = attempts.buyer and calls.converted) as converted_at
      from attempts join calls on calls.id = attempts.call_id
     where attempts.started_at >= ${new Date(since)} and calls.from_number is not null
     group by 1, 2, 3 order by attempted_at`.execute(db);
  return rows.map((row) => ({
    caller: row.caller,
    campaign: row.campaign,
    buyer: row.buyer,
    attemptedAt: row.attempted_at.getTime(),
    connectedAt: row.connected_at?.getTime() ?? null,
    convertedAt: row.converted_at?.getTime() ?? null,
  }));
}

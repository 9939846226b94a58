/** What a starting switch must know of the past, so that caps and repeat callers outlive a restart. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * What came of the attempts of one route in a quarter of an hour, the grain at which every zone's midnight falls.
 * Attempts count when they began, connected calls when they were connected, converted calls and revenue when the call ended.
 */
export interface Quarter {
  readonly campaign: string;
  readonly publisher: string;
  readonly buyer: string;
  readonly trunk: string;
  /** Start of the quarter, milliseconds since the epoch. */
  readonly at: number;
  /** The last attempt in it; null where there was none. */
  readonly lastAttemptAt: number | null;
  readonly attempted: number;
  readonly connected: number;
  readonly converted: number;
  /** Micro-units. */
  readonly revenue: bigint;
}

/** Only quarters in which there was something, in order: of what happened in [since, until), in milliseconds. */
export async function history(
  db: Kysely<Schema>,
  since: number,
  until: number | null = null,
): Promise<readonly Quarter[]> {
  const from = new Date(since);
  const to = endOf(until);
  const { rows } = await sql<{
    campaign: string;
    publisher: string;
    buyer: string;
    trunk: string;
    quarter: Date;
    last_attempt_at: Date | null;
    attempted: bigint;
    connected: bigint;
    converted: bigint;
    revenue: bigint;
  }>`
    with connections as (${connections} where calls.ended_at >= ${from}), facts as (
      select calls.campaign, calls.publisher, attempts.buyer, attempts.trunk, attempts.started_at as at,
             attempts.started_at as last_attempt_at, 1 as attempted, 0 as connected, 0 as converted, 0::bigint as revenue
        from attempts join calls on calls.id = attempts.call_id
       where attempts.started_at >= ${from} and attempts.started_at < ${to}
      union all
      select campaign, publisher, buyer, trunk, connected_at, null, 0, 1, 0, 0
        from connections where connected_at >= ${from} and connected_at < ${to}
      union all
      select campaign, publisher, buyer, trunk, ended_at, null, 0, 0, converted::int, revenue
        from connections where lasted and ended_at < ${to} and (converted or revenue > 0)
    )
    select campaign, publisher, buyer, trunk, date_bin('15 minutes', at, 'epoch') as quarter,
           max(last_attempt_at) as last_attempt_at, sum(attempted) as attempted, sum(connected) as connected,
           sum(converted) as converted, sum(revenue)::bigint as revenue
      from facts group by 1, 2, 3, 4, 5 order by quarter, 1, 2, 3, 4`.execute(db);
  return rows.map((row) => ({
    campaign: row.campaign,
    publisher: row.publisher,
    buyer: row.buyer,
    trunk: row.trunk,
    at: row.quarter.getTime(),
    lastAttemptAt: row.last_attempt_at?.getTime() ?? null,
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

/** Of attempts in [since, until), in milliseconds. Callers who withheld their number are unknown and not in it. */
export async function callerHistory(
  db: Kysely<Schema>,
  since: number,
  until: number | null = null,
): Promise<readonly CallerHistory[]> {
  const to = endOf(until);
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
           max(connections.connected_at) filter (where connections.connected_at < ${to}) as connected_at,
           max(connections.connected_at) filter (where lasted and calls.converted and calls.ended_at < ${to})
             as converted_at
      from attempts join calls on calls.id = attempts.call_id
      left join (${connections}) as connections using (call_id, position)
     where attempts.started_at >= ${new Date(since)} and attempts.started_at < ${to} and calls.from_number is not null
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

/**
 * The attempts by which caller and buyer were through to each other; `lasted` marks the one that the call ended with,
 * the others are early hang-ups. Those begin with the buyer's answer: of the end of a whisper the records know nothing.
 */
const connections = sql`
  select attempts.call_id, attempts.position, calls.campaign, calls.publisher, attempts.buyer, attempts.trunk,
         case attempts.result when 'answered' then calls.connected_at else attempts.answered_at end as connected_at,
         attempts.result = 'answered' as lasted, calls.ended_at, calls.converted, calls.revenue
    from attempts join calls on calls.id = attempts.call_id and attempts.result in ('answered', 'early_hangup')`;

const endOf = (until: number | null) =>
  sql`coalesce(${until === null ? null : new Date(until)}::timestamptz, 'infinity')`;

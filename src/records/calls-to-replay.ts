/** What a replay must know of the calls of a time: who called, who was tried and how each took it. */
import { sql, type Kysely } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import type { AttemptRecord, Cause } from './events.ts';
import type { Schema } from './schema.ts';

/** Times are milliseconds since the epoch, money is micro-units. */
export interface CallToReplay {
  readonly id: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly connectedAt: number | null;
  readonly endedAt: number;
  /** E.164, or null where withheld. */
  readonly from: string | null;
  readonly to: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly cause: Cause;
  /** Whether it came so far that a buyer was looked for. */
  readonly routed: boolean;
  readonly buyer: string | null;
  readonly revenue: bigint;
  readonly payout: bigint;
  readonly attempts: readonly AttemptToReplay[];
}

export interface AttemptToReplay {
  readonly buyer: string;
  readonly bid: bigint | null;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly result: AttemptRecord['result'];
  readonly status: number | null;
}

/** Calls that began in [since, until), in that order. */
export async function callsToReplay(
  db: Kysely<Schema>,
  since: Date,
  until: Date,
): Promise<readonly CallToReplay[]> {
  const calls = await db
    .selectFrom('calls')
    .selectAll()
    .where('started_at', '>=', since)
    .where('started_at', '<', until)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  const attempts = await db
    .selectFrom('attempts')
    .innerJoin('calls', 'calls.id', 'attempts.call_id')
    .selectAll('attempts')
    .where('calls.started_at', '>=', since)
    .where('calls.started_at', '<', until)
    .orderBy('attempts.position')
    .execute();
  const byCall = new Map<string, AttemptToReplay[]>();
  for (const row of attempts) {
    const { buyer, bid, result, status } = row;
    const attempt = {
      ...{ buyer, bid, result, status },
      startedAt: row.started_at.getTime(),
      answeredAt: row.answered_at?.getTime() ?? null,
      endedAt: row.ended_at.getTime(),
    };
    const of = byCall.get(row.call_id);
    if (of) of.push(attempt);
    else byCall.set(row.call_id, [attempt]);
  }
  return calls.map((row) => ({
    id: row.id,
    startedAt: row.started_at.getTime(),
    answeredAt: row.answered_at?.getTime() ?? null,
    connectedAt: row.connected_at?.getTime() ?? null,
    endedAt: row.ended_at.getTime(),
    from: row.from_number,
    to: row.to_number,
    campaign: row.campaign,
    publisher: row.publisher,
    attributes: row.attributes,
    cause: row.cause,
    routed:
      row.plan.length > 0 ||
      row.left_out.length > 0 ||
      ['blocked_caller', 'repeat_caller', 'no_buyer'].includes(row.cause),
    buyer: row.buyer,
    revenue: row.revenue,
    payout: row.payout,
    attempts: byCall.get(row.id) ?? [],
  }));
}

/** A call that was billed to its buyer, or paid for to its publisher: of what may make a later one a duplicate. */
export interface PaidCall {
  readonly caller: string;
  readonly campaign: string;
  readonly buyer: string | null;
  /** When it was connected, or began where it never was. */
  readonly at: number;
  readonly billed: boolean;
  readonly paid: boolean;
}

/** Of the calls that began in [since, until). */
export async function paidCalls(db: Kysely<Schema>, since: Date, until: Date): Promise<readonly PaidCall[]> {
  const { rows } = await sql<Omit<PaidCall, 'at'> & { at: Date }>`
    select from_number as caller, campaign, buyer, coalesce(connected_at, started_at) as at,
           revenue > 0 as billed, payout > 0 as paid
      from calls
     where started_at >= ${since} and started_at < ${until} and from_number is not null
       and (revenue > 0 or payout > 0)
     order by at`.execute(db);
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

/** What a replay must know of the calls of a time: who called, who was tried and how each took it. */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import type { Facts } from '../settlement/settle.ts';
import type { CallOfACaller } from '../settlement/duplicates.ts';
import { callPages, callsOf, within, type Named } from './call-pages.ts';
import { cameTo, reportedIn, reports, type ReportRows } from './came-to.ts';
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
  /** What it came to by its facts and what was reported of it. */
  readonly revenue: bigint;
  readonly payout: bigint;
  /** What was reported of it after its end, by its buyer or the network. */
  readonly reported: Facts['reported'];
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

/** Calls that began in [since, until), in that order, page by page. */
export async function* callsToReplay(
  trx: Transaction<Schema>,
  since: Date,
  until: Date,
): AsyncGenerator<readonly CallToReplay[]> {
  for await (const page of callPages(trx, within('started_at', since, until), sql`started_at, id`))
    yield await callsIn(trx, page);
}

async function callsIn(trx: Transaction<Schema>, page: readonly Named[]): Promise<readonly CallToReplay[]> {
  // Of the plan and of who was left out, only whether there are any: they are most of a record.
  const { rows: calls } = await sql<Row>`
    select calls.id, calls.started_at, answered_at, connected_at, ended_at, from_number, to_number, campaign, publisher,
           attributes, cause, buyer, came_to.revenue, came_to.payout, plan <> '[]' or left_out <> '[]' as planned,
           ${reports} as reports
      from ${callsOf(page)} ${cameTo} order by calls.started_at, calls.id`.execute(trx);
  const attempts = await attemptsOf(trx, page);
  return calls.map((row) => callToReplay(row, attempts.get(row.id) ?? []));
}

async function attemptsOf(
  trx: Transaction<Schema>,
  page: readonly Named[],
): Promise<ReadonlyMap<string, readonly AttemptToReplay[]>> {
  const [first, last] = [page[0], page.at(-1)];
  if (!first || !last) return new Map();
  const attempts = await trx
    .selectFrom('attempts')
    .select(['call_id', 'buyer', 'bid', 'started_at', 'answered_at', 'ended_at', 'result', 'status'])
    .where(sql<boolean>`call_id = any(${page.map(({ id }) => id)})`)
    .where('call_started_at', '>=', first.started_at)
    .where('call_started_at', '<=', last.started_at)
    .orderBy('position')
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
  return byCall;
}

const callToReplay = (row: Row, attempts: readonly AttemptToReplay[]): CallToReplay => ({
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
  routed: row.planned || ['blocked_caller', 'repeat_caller', 'no_buyer'].includes(row.cause),
  reported: reportedIn(row.reports),
  buyer: row.buyer,
  revenue: row.revenue,
  payout: row.payout,
  attempts,
});

interface Row {
  readonly id: string;
  readonly started_at: Date;
  readonly answered_at: Date | null;
  readonly connected_at: Date | null;
  readonly ended_at: Date;
  readonly from_number: string | null;
  readonly to_number: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly cause: Cause;
  readonly buyer: string | null;
  readonly revenue: bigint;
  readonly payout: bigint;
  readonly planned: boolean;
  readonly reports: ReportRows;
}

/** A call that was billed to its buyer, or paid for to its publisher: of what may make a later one a duplicate. */
export interface PaidCall extends CallOfACaller {
  readonly revenue: bigint;
  readonly payout: bigint;
}

/** Of the calls that began in [since, until). */
export async function paidCalls(db: Kysely<Schema>, since: Date, until: Date): Promise<readonly PaidCall[]> {
  const { rows } = await sql<
    Omit<PaidCall, 'startedAt' | 'connectedAt'> & { began: Date; connected: Date | null }
  >`
    select id as call, from_number as from, campaign, publisher, buyer, started_at as began, connected_at as connected,
           revenue, payout
      from calls
     where started_at >= ${since} and started_at < ${until} and from_number is not null
       and (revenue > 0 or payout > 0)
     order by started_at`.execute(db);
  return rows.map(({ began, connected, ...call }) => ({
    ...call,
    startedAt: began.getTime(),
    connectedAt: connected?.getTime() ?? null,
  }));
}

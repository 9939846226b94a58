/** The records of calls, newest first, as `tollbridge calls --json` prints them. */
import type { Kysely, Selectable } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import { formatMoney } from '../settlement/money.ts';
import type { AttemptRecord, CallRecord, Cause, LeftOutLine, Outcome, PlannedLine } from './events.ts';
import type { AttemptsTable, CallsTable, Schema } from './schema.ts';

export interface CallsQuery {
  readonly limit: number;
  /** Calls that started in [since, until). */
  readonly since?: Date;
  readonly until?: Date;
  readonly campaign?: string;
  readonly publisher?: string;
  readonly buyer?: string;
  readonly from?: string;
  /** All of an id, or how it begins. */
  readonly id?: string;
}

/** Times are ISO 8601 in UTC with milliseconds, money is decimal text. */
export interface CallView {
  readonly id: string;
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly connected_at: string | null;
  readonly ended_at: string;
  readonly from: string | null;
  readonly to: string;
  readonly carrier: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly hung_up_by: CallRecord['hungUpBy'];
  readonly attempts: readonly AttemptView[];
  readonly buyer: string | null;
  readonly connected_ms: number;
  readonly media: CallRecord['media'];
  readonly recording: string | null;
  readonly converted: boolean;
  readonly currency: string | null;
  readonly revenue: string;
  readonly revenue_reason: string;
  readonly payout: string;
  readonly payout_reason: string;
  readonly margin: string;
  readonly plan: readonly PlannedLine[];
  readonly left_out: readonly LeftOutLine[];
  readonly table: string;
}

export interface AttemptView extends PlannedLine {
  readonly started_at: string;
  readonly ringing_at: string | null;
  readonly answered_at: string | null;
  readonly ended_at: string;
  readonly result: AttemptRecord['result'];
  readonly status: number | null;
  readonly reason: string | null;
}

export async function listCalls(db: Kysely<Schema>, query: CallsQuery): Promise<readonly CallView[]> {
  const calls = await selectCalls(db, query);
  const attempts = await attemptsOf(
    db,
    calls.map((call) => call.id),
  );
  return calls.map((call) => viewOf(call, attempts.get(call.id) ?? []));
}

type CallRow = Selectable<CallsTable> & {
  readonly currency: string | null;
  readonly minor_digits: number | null;
};

function selectCalls(db: Kysely<Schema>, query: CallsQuery): Promise<readonly CallRow[]> {
  let calls = db
    .selectFrom('calls')
    .leftJoin('routing_tables', 'routing_tables.hash', 'calls.table_hash')
    .selectAll('calls')
    .select(['routing_tables.currency', 'routing_tables.minor_digits']);
  if (query.since) calls = calls.where('started_at', '>=', query.since);
  if (query.until) calls = calls.where('started_at', '<', query.until);
  if (query.campaign !== undefined) calls = calls.where('campaign', '=', query.campaign);
  if (query.publisher !== undefined) calls = calls.where('publisher', '=', query.publisher);
  if (query.buyer !== undefined) calls = calls.where('buyer', '=', query.buyer);
  if (query.from !== undefined) calls = calls.where('from_number', '=', query.from);
  if (query.id !== undefined) calls = calls.where((eb) => eb.fn('starts_with', ['id', eb.val(query.id)]));
  return calls.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(query.limit).execute();
}

type AttemptRow = Selectable<AttemptsTable>;

async function attemptsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<Map<string, AttemptRow[]>> {
  const rows =
    ids.length === 0
      ? []
      : await db.selectFrom('attempts').selectAll().where('call_id', 'in', ids).orderBy('position').execute();
  const byCall = new Map<string, AttemptRow[]>();
  for (const row of rows) byCall.set(row.call_id, [...(byCall.get(row.call_id) ?? []), row]);
  return byCall;
}

function viewOf(call: CallRow, attempts: readonly AttemptRow[]): CallView {
  const money = (amount: bigint) => formatMoney(amount, call.minor_digits ?? 2);
  return {
    id: call.id,
    started_at: call.started_at.toISOString(),
    answered_at: iso(call.answered_at),
    connected_at: iso(call.connected_at),
    ended_at: call.ended_at.toISOString(),
    from: call.from_number,
    to: call.to_number,
    carrier: call.carrier,
    campaign: call.campaign,
    publisher: call.publisher,
    source: call.source,
    attributes: call.attributes,
    outcome: call.outcome,
    cause: call.cause,
    hung_up_by: call.hung_up_by,
    attempts: attempts.map((attempt) => attemptView(attempt, money)),
    buyer: call.buyer,
    connected_ms: Number(call.connected_ms),
    media: call.media,
    recording: call.recording,
    converted: call.converted,
    currency: call.currency,
    revenue: money(call.revenue),
    revenue_reason: call.revenue_reason,
    payout: money(call.payout),
    payout_reason: call.payout_reason,
    margin: money(call.margin),
    plan: call.plan,
    left_out: call.left_out,
    table: call.table_hash,
  };
}

const attemptView = (row: AttemptRow, money: (amount: bigint) => string): AttemptView => ({
  buyer: row.buyer,
  trunk: row.trunk,
  dial: row.dial,
  priority: row.priority,
  ...(row.bid === null ? {} : { bid: money(row.bid) }),
  started_at: row.started_at.toISOString(),
  ringing_at: iso(row.ringing_at),
  answered_at: iso(row.answered_at),
  ended_at: row.ended_at.toISOString(),
  result: row.result,
  status: row.status,
  reason: row.reason,
});

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

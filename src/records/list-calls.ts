/** The records of calls, newest first. */
import { sql, type Kysely } from 'kysely';
import { viewOf, type AttemptRow, type CallRow, type CallView, type RtpRow } from './call-view.ts';
import type { Schema } from './schema.ts';

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
  /** All of an id. */
  readonly exactly?: string;
  /** Those that come behind this one in the list. */
  readonly after?: { readonly startedAt: Date; readonly id: string };
}

export async function listCalls(db: Kysely<Schema>, query: CallsQuery): Promise<readonly CallView[]> {
  const calls = await selectCalls(db, query);
  const [attempts, rtp] = await Promise.all([attemptsOf(db, calls), rtpOf(db, calls)]);
  return calls.map((call) => viewOf(call, attempts.get(call.id) ?? [], rtp.get(call.id) ?? []));
}

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
  if (query.exactly !== undefined) calls = calls.where('id', '=', query.exactly);
  const { after } = query;
  if (after) {
    calls = calls.where((eb) =>
      eb(eb.refTuple('started_at', 'id'), '<', eb.tuple(after.startedAt, after.id)),
    );
  }
  return calls.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(query.limit).execute();
}

async function attemptsOf(db: Kysely<Schema>, calls: readonly CallRow[]): Promise<Map<string, AttemptRow[]>> {
  const span = spanOf(calls);
  if (!span) return new Map();
  const rows = await db
    .selectFrom('attempts')
    .selectAll()
    .where(isOneOf(span.ids))
    .where('call_started_at', '>=', span.first)
    .where('call_started_at', '<=', span.last)
    .orderBy('position')
    .execute();
  return byCall(rows);
}

async function rtpOf(db: Kysely<Schema>, calls: readonly CallRow[]): Promise<Map<string, RtpRow[]>> {
  const span = spanOf(calls);
  if (!span) return new Map();
  const rows = await db
    .selectFrom('call_media')
    .selectAll()
    .where(isOneOf(span.ids))
    .where('call_started_at', '>=', span.first)
    .where('call_started_at', '<=', span.last)
    .orderBy('leg')
    .execute();
  return byCall(rows);
}

/** One parameter, however many: a statement has no more than 65,535. */
const isOneOf = (ids: readonly string[]) => sql<boolean>`call_id = any(${ids})`;

/** The calls and the time in which they began, which tells the database in which months to look; newest first. */
function spanOf(calls: readonly CallRow[]): { ids: readonly string[]; first: Date; last: Date } | null {
  const [newest, oldest] = [calls[0], calls.at(-1)];
  if (!newest || !oldest) return null;
  return { ids: calls.map(({ id }) => id), first: oldest.started_at, last: newest.started_at };
}

function byCall<Row extends { readonly call_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const those = grouped.get(row.call_id);
    if (those) those.push(row);
    else grouped.set(row.call_id, [row]);
  }
  return grouped;
}

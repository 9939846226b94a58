import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

export interface EndpointView {
  readonly endpoint: string;
  readonly owner: string;
  readonly waiting: number;
  /** In the last days: later they are forgotten. */
  readonly delivered: number;
  readonly dead: number;
  readonly oldest_waiting: string | null;
  readonly last_error: string | null;
  /** It answered 410, and hears of nothing until it is retried. */
  readonly gone_at: string | null;
}

/** Of every endpoint that anything was written for, or that has gone. */
export async function listEndpoints(db: Kysely<Schema>): Promise<readonly EndpointView[]> {
  const { rows } = await sql<{
    endpoint: string;
    owner: string | null;
    waiting: bigint;
    delivered: bigint;
    dead: bigint;
    oldest: Date | null;
    error: string | null;
    gone_at: Date | null;
  }>`
    select endpoint, max(owner) as owner, gone_at,
           count(*) filter (where state = 'waiting') as waiting,
           count(*) filter (where state = 'delivered') as delivered,
           count(*) filter (where state = 'dead') as dead,
           min(created_at) filter (where state = 'waiting') as oldest,
           (array_agg(error order by seq desc) filter (where error is not null))[1] as error
      from webhook_deliveries full join webhook_endpoints using (endpoint)
     group by endpoint, gone_at order by owner, endpoint`.execute(db);
  return rows.map((row) => ({
    endpoint: row.endpoint,
    owner: row.owner ?? '',
    waiting: Number(row.waiting),
    delivered: Number(row.delivered),
    dead: Number(row.dead),
    oldest_waiting: row.oldest?.toISOString() ?? null,
    last_error: row.error,
    gone_at: row.gone_at?.toISOString() ?? null,
  }));
}

interface DeadView {
  readonly id: string;
  readonly endpoint: string;
  readonly owner: string;
  readonly event: string;
  readonly call: string | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly created_at: string;
  readonly given_up_at: string | null;
}

/** What could not be delivered, newest first. */
export async function listDead(db: Kysely<Schema>, limit: number): Promise<readonly DeadView[]> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .select(['id', 'endpoint', 'owner', 'event', 'call_id', 'attempts', 'error', 'created_at', 'done_at'])
    .where('state', '=', 'dead')
    .orderBy('done_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ call_id, created_at, done_at, ...row }) => ({
    ...row,
    call: call_id,
    created_at: created_at.toISOString(),
    given_up_at: done_at?.toISOString() ?? null,
  }));
}

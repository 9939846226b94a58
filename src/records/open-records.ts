/** The way to Postgres, embedded or not: a pool behind kysely. */
import type { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { within } from '../deadline.ts';
import { copyingPool } from './copy-in.ts';
import type { RecordsLog } from './records-log.ts';
import type { Schema } from './schema.ts';

export interface Records {
  readonly db: Kysely<Schema>;
  /** For another thread to open them by. */
  readonly url: string;
  close(): Promise<void>;
}

interface RecordsOptions {
  readonly url: string;
  readonly log: RecordsLog;
  readonly connections?: number;
  /**
   * Milliseconds for which the database may owe an answer; without, as for commands and migrations, however long it takes.
   * A failover that drops packets would otherwise hold whoever asks for as long as TCP hopes, a quarter of an hour.
   */
  readonly patience?: number;
}

/** A session that lost us holds its locks, the settlement turn among them, no longer than this. */
const lostSessionEndsAfter = '60s';
/** How long a close waits for statements under way. */
const closeWithin = 5_000;

/** Connects when first asked something. An idle connection that breaks is logged and replaced, never thrown. */
export function openRecords({ url, log, connections = 5, patience }: RecordsOptions): Records {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'tollbridge',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  });
  pool.on('error', (error) =>
    log.warn({ event: 'database_connection_broke', error: error.message }, 'a database connection broke'),
  );
  const roads = new Set<Socket>();
  pool.on('connect', (client) => {
    // The pool listens to a connection only while it is idle; without this, one that breaks in use would end the process.
    client.on('error', () => undefined);
    client
      .query(`set idle_in_transaction_session_timeout = '${lostSessionEndsAfter}'`)
      .catch(() => undefined);
    const road = roadOf(client);
    roads.add(road);
    road.once('close', () => roads.delete(road));
    // On the socket, not on the query: a query that is given up alone leaves its connection waiting, and in the pool.
    if (patience !== undefined) road.setTimeout(patience, () => road.destroy(silentFor(patience)));
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: copyingPool(pool) }) });
  return {
    db,
    url,
    close: async () => {
      const closed = db.destroy().then(() => true);
      if (await within(closeWithin, closed, false)) return;
      log.warn(
        { event: 'database_silent_at_stop', after_ms: closeWithin },
        'the database does not answer; its connections are cut',
      );
      for (const road of roads) road.destroy();
    },
  };
}

/** pg's types do not tell of it: the socket, or what encrypts it. */
const roadOf = (client: pg.PoolClient): Socket =>
  (client as pg.PoolClient & { readonly connection: { readonly stream: Socket } }).connection.stream;

const silentFor = (ms: number): Error =>
  Object.assign(new Error(`the database has not answered for ${ms / 1000} s`), { code: 'ETIMEDOUT' });

const int8: number = pg.types.builtins.INT8;

/** int8 as bigint: money and counts are never floats. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format): unknown =>
  (type as number) === int8 ? BigInt : pg.types.getTypeParser(type, format);

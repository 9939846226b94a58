/** The way to Postgres, embedded or not: a pool behind kysely. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

export interface RecordsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Records {
  readonly db: Kysely<Schema>;
  /** For another thread to open them by. */
  readonly url: string;
  close(): Promise<void>;
}

/** Connects when first asked something. An idle connection that breaks is logged and replaced, never thrown. */
export function openRecords(options: { url: string; log: RecordsLog; connections?: number }): Records {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 5,
    application_name: 'tollbridge',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  });
  pool.on('error', (error) => options.log.warn({ error: error.message }, 'a database connection broke'));
  // The pool listens to a connection only while it is idle; without this, one that breaks in use would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { db, url: options.url, close: () => db.destroy() };
}

const int8: number = pg.types.builtins.INT8;

/** int8 as bigint: money and counts are never floats. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format): unknown =>
  (type as number) === int8 ? BigInt : pg.types.getTypeParser(type, format);

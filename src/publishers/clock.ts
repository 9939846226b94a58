/** From when a number is whose: by one clock, whichever switch or command hands it over. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';

export type Clock = (db: Kysely<Schema>) => Promise<Date>;

/** What it is now, not when the transaction began, which may have waited for its turn. */
export const databaseClock: Clock = async (db) => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database did not tell the time');
  return row.now;
};

/** Records lie by the month, in UTC, in which their call started; each month is made before the first of its calls comes. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { isoTime } from './iso-time.ts';

/** Under the settlement lock. Asked anew each time: another switch may have dropped what this one has made. */
export async function makeMonths(db: Kysely<Schema>, instants: readonly number[]): Promise<void> {
  const months = new Set(instants.map((at) => isoTime(at).slice(0, 7)));
  if (months.size === 0) return;
  const firsts = [...months].map((month) => `${month}-01T00:00:00Z`);
  await sql`select make_records_month(month::timestamptz) from unnest(${firsts}::text[]) as month`.execute(
    db,
  );
}

/** What was reported of a call after it ended: of each key the newest revision holds. */
import { sql, type Transaction } from 'kysely';
import type { Report as Reported } from '../../settlement/reported.ts';
import type { Schema } from '../schema.ts';

export interface Report extends Reported {
  readonly key: string;
  readonly revision: number;
}

export async function reportsOf(trx: Transaction<Schema>, call: string): Promise<readonly Report[]> {
  const { rows } = await sql<Report>`
    select distinct on (key) key, revision, name, amount from conversions
     where call_id = ${call} order by key, revision desc`.execute(trx);
  return rows;
}

/** Rows of one table in one statement, sent as one text. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** All with the same columns. Rows that the table has already are passed over. */
export async function insertRows(
  db: Kysely<Schema>,
  table: keyof Schema,
  rows: readonly object[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = sql.join(Object.keys(first).map((column) => sql.ref(column)));
  await sql`
    insert into ${sql.table(table)} (${columns})
    select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)
    on conflict do nothing`.execute(db);
}

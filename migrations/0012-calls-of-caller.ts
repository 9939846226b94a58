import { sql, type Kysely } from 'kysely';

/** Who asks for the calls of a caller asks for the newest, of whatever time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index calls_of_caller on calls (from_number, started_at desc)`.execute(db);
}

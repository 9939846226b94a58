import { sql, type Kysely } from 'kysely';

/** What the buyer of an attempt bid for the call, in micro-units; null where it pays by its rules alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table attempts add column bid bigint check (bid >= 0)`.execute(db);
}

import { sql, type Kysely } from 'kysely';

/** What lists and look-ups that come often would otherwise read whole tables for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The newest calls of one publisher or campaign, a page at a time: of one that has few the table was read to its end.
  await sql`create index calls_of_publisher on calls (publisher, started_at desc, id desc)`.execute(db);
  await sql`create index calls_of_campaign on calls (campaign, started_at desc, id desc)`.execute(db);
  // Answers are forgotten by their age, again and again.
  await sql`create index api_answers_by_age on api_answers (created_at)`.execute(db);
}

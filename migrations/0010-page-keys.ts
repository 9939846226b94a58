import { sql, type Kysely } from 'kysely';

/** By which a publisher's page asks for a visitor's number. Anybody who sees the page sees it: it opens nothing else. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table page_keys (
      key         text primary key,
      application text not null references applications (id),
      -- of the pages that may ask, as browsers tell them: https://offers.example
      origins     text[] not null check (cardinality(origins) > 0),
      -- how long a number stays with a visit that asks no more
      lend_ms     integer not null check (lend_ms > 0),
      created_at  timestamptz not null default now(),
      revoked_at  timestamptz
    )`.execute(db);
  await sql`create index page_keys_of_application on page_keys (application)`.execute(db);
  // Loans of an application that are not over.
  await sql`create index visits_lent on visits (publisher, campaign, lent_until)`.execute(db);
}

import { sql, type Kysely } from 'kysely';

/**
 * What each correction changed of what limits count, for the switches that run: whoever makes one writes it here in the
 * same transaction, in the settlement turn, so that the order of the ids is that of the commits.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table corrections (
      id        bigint generated always as identity primary key,
      campaign  text not null,
      publisher text not null,
      buyer     text not null,
      -- null where the number was withheld
      caller    text,
      -- by how much more, in micro-units
      revenue   bigint not null,
      -- 1: the call converted by it; -1: it does so no longer
      converted integer not null,
      ended_at  timestamptz not null,
      made_at   timestamptz not null default now()
    )`.execute(db);
  await sql`create index corrections_made on corrections (made_at)`.execute(db);
}

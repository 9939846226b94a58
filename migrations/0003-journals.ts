import { sql, type Kysely } from 'kysely';

/** What the loader took from which switch's journal, and what it could not take. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table routing_tables (
      hash     text primary key,
      first_at timestamptz not null,
      terms    jsonb not null
    )`.execute(db);
  await sql`
    create table journal_position (
      journal    text primary key,
      -- everything up to this number was loaded
      seq        bigint not null,
      -- a digest of that entry: a journal that was put back to an earlier state has another one there
      mark       text not null,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table journal_gaps (
      journal  text not null,
      from_seq bigint not null,
      to_seq   bigint not null,
      found_at timestamptz not null default now(),
      primary key (journal, from_seq)
    )`.execute(db);
  await sql`
    create table journal_rejects (
      journal  text not null,
      seq      bigint not null,
      -- text, for what jsonb refuses must have a place too
      event    text not null,
      error    text not null,
      found_at timestamptz not null default now(),
      primary key (journal, seq)
    )`.execute(db);
}

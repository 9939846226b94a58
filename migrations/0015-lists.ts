import { sql, type Kysely } from 'kysely';

/** What lists and look-ups that come often would otherwise read whole tables for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The newest calls of one publisher or campaign, a page at a time: of one that has few the table was read to its end.
  await sql`create index calls_of_publisher on calls (publisher, started_at desc, id desc)`.execute(db);
  await sql`create index calls_of_campaign on calls (campaign, started_at desc, id desc)`.execute(db);
  // Answers are forgotten by their age, again and again.
  await sql`create index api_answers_by_age on api_answers (created_at)`.execute(db);
  // The numbers that rest are those that were released of late.
  await sql`create index holdings_released on holdings (held_until)`.execute(db);
  await lastHoldings(db);
}

/**
 * Of each number that was ever held whether it is now, and else since when it is not: what is free is asked for at every
 * approval, and holdings are kept for ever.
 */
async function lastHoldings(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table last_holdings (
      number     text primary key,
      is_held    boolean not null,
      free_since timestamptz
    )`.execute(db);
  await sql`
    insert into last_holdings
    select number, bool_or(held_until is null), max(held_until) from holdings group by number`.execute(db);
  // Of a holding that ended nothing changes but its end: it was the one that was open.
  await sql`
    create function note_last_holding() returns trigger language plpgsql as $$
    begin
      insert into last_holdings as known (number, is_held, free_since)
      values (new.number, new.held_until is null, new.held_until)
      on conflict (number) do update set
        is_held = excluded.is_held or (known.is_held and tg_op = 'INSERT'),
        free_since = greatest(known.free_since, excluded.free_since);
      return null;
    end $$`.execute(db);
  await sql`
    create trigger holdings_note_last after insert or update on holdings
    for each row execute function note_last_holding()`.execute(db);
}

import { sql, type Kysely } from 'kysely';

/**
 * Terms in parts. A part is named by a digest of what it says, and a table is a list of such names: a reload that
 * changes one buyer of ten thousand adds one part of a few kilobytes and a row here, where it added megabytes before.
 * What tells the part of a buyer is a hash of its id, so one row of each table is read for a call, not all of them.
 *
 * A table that was written whole becomes one of a single part.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table terms (
      digest text primary key,
      -- JSON; text, for it is only ever read as a whole, and jsonb would refuse some of what texts may hold
      terms  text not null
    )`.execute(db);
  await sql`
    insert into terms select md5(terms::text), terms::text from routing_tables on conflict do nothing`.execute(
    db,
  );
  await sql`
    alter table routing_tables
      add column currency text,
      add column minor_digits integer,
      add column parts text[]`.execute(db);
  await sql`
    update routing_tables set
      currency = terms->>'currency', minor_digits = (terms->>'minorDigits')::int, parts = array[md5(terms::text)]`.execute(
    db,
  );
  await sql`alter table routing_tables alter column parts set not null, drop column terms`.execute(db);
}

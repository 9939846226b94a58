import { sql, type Kysely } from 'kysely';

/** A number is lent to one visit at a time, as it is held by one application. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Those that overlap already: each ends where the next of its number begins.
  await sql`
    update visits set lent_until = next.lent_from
      from (
        select publisher, id,
               lead(lent_from) over (partition by number order by lent_from, publisher, id) as lent_from
          from visits) next
     where (next.publisher, next.id) = (visits.publisher, visits.id) and next.lent_from < visits.lent_until`.execute(
    db,
  );
  await sql`
    create function refuse_two_visits() returns trigger language plpgsql as $$
    begin
      if exists (
        select from visits where number = new.number and (publisher, id) <> (new.publisher, new.id)
          and tstzrange(lent_from, lent_until) && tstzrange(new.lent_from, new.lent_until))
      then raise exception '% is lent to another visit then', new.number using errcode = 'exclusion_violation'; end if;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger visits_never_two after insert or update on visits
    for each row execute function refuse_two_visits()`.execute(db);
  await sql`create index visits_over on visits (lent_until)`.execute(db);
}

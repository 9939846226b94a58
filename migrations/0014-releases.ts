import { sql, type Kysely } from 'kysely';

/** Who took a number back, and why: said with the end of its holding, and as unchangeable as that. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table holdings add released_by text, add released_why text,
      add check (held_until is not null or (released_by is null and released_why is null))`.execute(db);
}

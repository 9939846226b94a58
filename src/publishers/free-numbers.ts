/**
 * Which numbers of a pool could be given out now, asked of the database: a pool may have a hundred thousand. Those that
 * the YAML lists go there as one text, written once for each config.
 */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { patternOf, type NumberChoice } from './choice.ts';
import type { Given } from './given.ts';
import { givenPool, remembered } from './inventory.ts';

type Db = Kysely<Schema>;

export async function countFree(db: Db, given: Given, pool: string, now: Date): Promise<number> {
  const free = await freeNumbers(db, given, pool, now);
  const { rows } = await sql<{
    free: number;
  }>`select count(*)::int as free from (${free}) as numbers`.execute(db);
  return rows[0]?.free ?? 0;
}

/** Of those that fit the one longest free, then the lowest; null where there is none. */
export async function firstFree(
  db: Db,
  given: Given,
  pool: string,
  { choice, now }: { readonly choice: NumberChoice; readonly now: Date },
): Promise<string | null> {
  const free = await freeNumbers(db, given, pool, now);
  const pattern = patternOf(choice);
  const { rows } = await sql<{ number: string }>`
    select number from (${free}) as numbers
     where ${pattern}::text is null or number ~ ${pattern}
     order by free_since nulls first, number collate "C" limit 1`.execute(db);
  return rows[0]?.number ?? null;
}

async function freeNumbers(db: Db, given: Given, pool: string, now: Date): Promise<RawBuilder<unknown>> {
  const restedBefore = new Date(now.getTime() - (given.pools.get(pool)?.coolOff ?? 0));
  return sql`
    select numbers.number, past.free_since from (
      select unnest(${toGiveOut(given, pool)}::text[]) as number
      union all
      select number from imported_numbers
       where pool = ${pool} and number <> all(${await listedSince(db, given)}::text[])
    ) as numbers left join last_holdings as past on past.number = numbers.number
     where past.number is null or (not past.is_held and past.free_since <= ${restedBefore})`;
}

/** Of a pool those that the YAML lists and gives to nobody itself, as Postgres writes an array. */
function toGiveOut(given: Given, pool: string): string {
  const ofPools = remembered(written, given, () => new Map<string, string>());
  const present = ofPools.get(pool);
  if (present !== undefined) return present;
  const own = (given.pools.get(pool)?.numbers ?? []).filter(
    (number) => given.network.numbers.get(number) === undefined,
  );
  const made = asArray(own);
  ofPools.set(pool, made);
  return made;
}

const written = new WeakMap<Given, Map<string, string>>();

/** What was imported and is in the YAML by now: that stands above it. Looked through after an import or a reload alone. */
async function listedSince(db: Db, given: Given): Promise<string> {
  const { rows } = await sql<{ imports: string }>`
    select concat(count(*), ' ', max(imported_at)) as imports from imported_numbers`.execute(db);
  const imports = rows[0]?.imports ?? '';
  const present = listed.get(given);
  if (present?.imports === imports) return present.numbers;
  const both: string[] = [];
  for await (const number of importedNumbers(db))
    if (givenPool(given, number) !== null || given.network.numbers.get(number) !== undefined)
      both.push(number);
  const numbers = asArray(both);
  listed.set(given, { imports, numbers });
  return numbers;
}

/** Some at a time: calls are on the same thread, and an inventory is large. */
async function* importedNumbers(db: Db): AsyncGenerator<string> {
  for (let after: string | null = ''; after !== null;) {
    const rows: readonly { readonly number: string }[] = await db
      .selectFrom('imported_numbers')
      .select('number')
      .where('number', '>', after)
      .orderBy('number')
      .limit(aPortion)
      .execute();
    for (const { number } of rows) yield number;
    after = rows.length < aPortion ? null : (rows.at(-1)?.number ?? null);
  }
}

const aPortion = 2_000;

const listed = new WeakMap<Given, { readonly imports: string; readonly numbers: string }>();

/** Telephone numbers need no quotes. */
const asArray = (numbers: readonly string[]): string => `{${numbers.join(',')}}`;

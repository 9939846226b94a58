/** Which numbers there are, in which pools, and who held each last. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Given } from './given.ts';
import type { Holding } from './views.ts';

/** The pool that the YAML lists a number in: it stands above the one that a number was imported to. */
export function givenPool(given: Given, number: string): string | null {
  return pooled(given).get(number) ?? null;
}

/** What the YAML knows of, in order: of its pools, and given out. */
export function givenNumbers(given: Given): readonly string[] {
  return remembered(sorted, given, () =>
    [...new Set([...pooled(given).keys(), ...numbersGiven(given)])].sort(byText),
  );
}

/** The one that the YAML lists it in, else the one that it was imported to. */
export async function poolOfNumber(db: Kysely<Schema>, given: Given, number: string): Promise<string | null> {
  const listed = givenPool(given, number);
  if (listed !== null) return listed;
  const imported = await db
    .selectFrom('imported_numbers')
    .select('pool')
    .where('number', '=', number)
    .executeTakeFirst();
  return imported?.pool ?? null;
}

/** The newest holding of a number: open where `until` is null. */
export interface LastHolding extends Holding {
  readonly from: Date;
  readonly until: Date | null;
}

export async function lastHoldings(
  db: Kysely<Schema>,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, LastHolding>> {
  const { rows } = await sql<LastHolding>`
    select last.* from unnest(${numbers}::text[]) as asked (number), lateral (
      select number, pool, campaign, publisher, source, application, use, paused,
             held_from as "from", held_until as "until"
        from holdings where holdings.number = asked.number order by held_from desc, id desc limit 1) last`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.number, row]));
}

/** From when a number may be given out again; null where nobody ever held it. One that is held has no such time. */
export function restsUntil(last: LastHolding | undefined, coolOff: number): Date | null {
  const until = last?.until ?? null;
  return until && new Date(until.getTime() + coolOff);
}

const pools = new WeakMap<Given, ReadonlyMap<string, string>>();
const sorted = new WeakMap<Given, readonly string[]>();

function pooled(given: Given): ReadonlyMap<string, string> {
  return remembered(pools, given, () => {
    const found = new Map<string, string>();
    for (const [pool, { numbers }] of given.pools) for (const number of numbers) found.set(number, pool);
    return found;
  });
}

function* numbersGiven({ network }: Given): Generator<string> {
  for (const [number] of network.numbers) yield number;
}

/** What the YAML says changes by a reload alone. */
export function remembered<T extends object>(memory: WeakMap<Given, T>, given: Given, make: () => T): T {
  const present = memory.get(given);
  if (present !== undefined) return present;
  const made = make();
  memory.set(given, made);
  return made;
}

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

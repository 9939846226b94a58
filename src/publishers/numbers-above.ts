/** Which numbers a list has to look at: all of ours, or as few as what is asked for lets it. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Given } from './given.ts';
import { byText, givenNumbers, givenPool, remembered } from './inventory.ts';
import type { NumberState } from './views.ts';

export interface Among {
  readonly state?: NumberState;
  readonly publisher?: string;
  readonly campaign?: string;
  readonly at: Date;
}

/** In order the first above `after`, each with its pool; fewer than `limit` where there are no more. */
type NumbersAbove = (after: string, limit: number) => Promise<readonly (readonly [string, string | null])[]>;

/** Those that are none of what is asked for may be among them; none of it is missing. */
export function numbersAmong(db: Kysely<Schema>, given: Given, among: Among): NumbersAbove {
  const known = knownOf(given, among);
  const recorded = recordedOf(given, among);
  return async (after, limit) => {
    const begin = firstAbove(known, after);
    const added =
      recorded === null ? new Map<string, string | null>() : await above(db, recorded, after, limit);
    // Of each the lowest: together they have the lowest of all.
    return [...new Set([...known.slice(begin, begin + limit), ...added.keys()])]
      .sort(byText)
      .slice(0, limit)
      .map((number) => [number, givenPool(given, number) ?? added.get(number) ?? null]);
  };
}

/** What is asked for of what the YAML knows. */
function knownOf(given: Given, { state, publisher, campaign }: Among): readonly string[] {
  if (state === 'held' || state === 'visitors' || state === 'resting') return [];
  if (publisher !== undefined) return givenTo(given).publishers.get(publisher) ?? [];
  if (campaign !== undefined) return givenTo(given).campaigns.get(campaign) ?? [];
  return state === 'given' ? givenTo(given).all : givenNumbers(given);
}

/** What is asked for of what the records know: a query for `number`, null where they know none of it. */
function recordedOf(given: Given, { state, publisher, campaign, at }: Among): RawBuilder<unknown> | null {
  if (state === 'given') return null;
  if (state === 'resting') {
    const longest = Math.max(0, ...[...given.pools.values()].map(({ coolOff }) => coolOff));
    return sql`select number from holdings where held_until > ${new Date(at.getTime() - longest)}`;
  }
  const uses =
    state === 'held' ? sql`and use = 'fixed'` : state === 'visitors' ? sql`and use = 'visitors'` : sql``;
  const of = [
    publisher === undefined ? sql`` : sql`and publisher = ${publisher}`,
    campaign === undefined ? sql`` : sql`and campaign = ${campaign}`,
  ];
  const open = sql`select number from holdings where held_until is null ${uses} ${sql.join(of, sql` `)}`;
  const isNarrow =
    state === 'held' || state === 'visitors' || publisher !== undefined || campaign !== undefined;
  return isNarrow ? open : sql`${open} union all select number from imported_numbers`;
}

async function above(
  db: Kysely<Schema>,
  recorded: RawBuilder<unknown>,
  after: string,
  limit: number,
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await sql<{ number: string; pool: string | null }>`
    select number, pool from (
      select distinct number from (${recorded}) as recorded
       where number collate "C" > ${after}
    ) as found left join imported_numbers using (number)
     order by number collate "C" limit ${limit}`.execute(db);
  return new Map(rows.map(({ number, pool }) => [number, pool]));
}

interface GivenTo {
  readonly all: readonly string[];
  readonly publishers: ReadonlyMap<string, readonly string[]>;
  readonly campaigns: ReadonlyMap<string, readonly string[]>;
}

const owned = new WeakMap<Given, GivenTo>();

/** What the YAML gives away itself, in order. */
function givenTo(given: Given): GivenTo {
  return remembered(owned, given, () => {
    const inOrder = [...given.network.numbers].sort(([a], [b]) => byText(a, b));
    const publishers = new Map<string, string[]>();
    const campaigns = new Map<string, string[]>();
    for (const [number, { publisher, campaign }] of inOrder) {
      push(publishers, publisher, number);
      push(campaigns, campaign, number);
    }
    return { all: inOrder.map(([number]) => number), publishers, campaigns };
  });
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const there = lists.get(key);
  if (there) there.push(value);
  else lists.set(key, [value]);
}

/** Of numbers in order the place of the first above this one. */
function firstAbove(numbers: readonly string[], after: string): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? '') > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

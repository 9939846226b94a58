/** The numbers, in order, each with what it is now: free, given, held, lent to visitors or at rest. */
import type { Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Given } from './given.ts';
import { lastHoldings, poolOfNumber, restsUntil, type LastHolding } from './inventory.ts';
import { numbersAmong } from './numbers-above.ts';
import { cutToPage, type Page, type PageQuery, type Publishing } from './publishing.ts';
import type { HoldingView, NumberState, NumberView } from './views.ts';

export interface NumbersQuery extends PageQuery {
  readonly pool?: string;
  readonly state?: NumberState;
  readonly publisher?: string;
  readonly campaign?: string;
}

export async function listNumbers(
  { db, given, now }: Publishing,
  query: NumbersQuery,
): Promise<Page<NumberView>> {
  const { limit } = query;
  const at = now();
  const found: NumberView[] = [];
  for await (const view of views(db, given(), query, at)) {
    if (!isWanted(view, query)) continue;
    found.push(view);
    if (found.length > limit) break;
  }
  return cutToPage(found, limit, ({ number }) => number);
}

export async function numberView(
  db: Kysely<Schema>,
  given: Given,
  number: string,
  at: Date,
): Promise<NumberView | null> {
  const last = (await lastHoldings(db, [number])).get(number);
  const pool = await poolOfNumber(db, given, number);
  const ours = pool !== null || last !== undefined || given.network.numbers.get(number) !== undefined;
  return ours ? standing(given, { number, pool, last, at }) : null;
}

/** Null where it is none of ours; newest holding first. */
export async function showNumber(
  { db, given, now }: Publishing,
  number: string,
): Promise<{ readonly number: NumberView; readonly history: readonly HoldingView[] } | null> {
  const view = await numberView(db, given(), number, now());
  if (!view) return null;
  const rows = await db
    .selectFrom('holdings')
    .selectAll()
    .where('number', '=', number)
    .orderBy('held_from', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const history = rows.map(({ id: _, version: __, held_from, held_until, ...row }) => ({
    ...row,
    held_from: held_from.toISOString(),
    held_until: held_until?.toISOString() ?? null,
  }));
  return { number: view, history };
}

/** How many numbers are looked up at once: few at first, for most lists end soon. */
const firstStretch = 250;
const longestStretch = 5_000;

/** Each number that may be asked for above `after`, in order. */
async function* views(
  db: Kysely<Schema>,
  given: Given,
  { after = '', ...asked }: NumbersQuery,
  at: Date,
): AsyncGenerator<NumberView> {
  const numbersAbove = numbersAmong(db, given, { ...asked, at });
  for (let stretch = firstStretch, last = after; ; stretch = Math.min(stretch * 4, longestStretch)) {
    const some = await numbersAbove(last, stretch);
    const holdings = await lastHoldings(
      db,
      some.map(([number]) => number),
    );
    for (const [number, pool] of some) {
      const view = standing(given, { number, pool, last: holdings.get(number), at });
      // One that rests, and whose pool has gone, will never be given out again.
      if (view.pool !== null || view.publisher !== null) yield view;
    }
    const end = some.at(-1);
    if (end === undefined || some.length < stretch) return;
    last = end[0];
  }
}

function standing(
  given: Given,
  {
    number,
    pool,
    last,
    at,
  }: {
    readonly number: string;
    readonly pool: string | null;
    readonly last: LastHolding | undefined;
    readonly at: Date;
  },
): NumberView {
  const nobody = { campaign: null, publisher: null, source: null, application: null, paused: false };
  const owner = given.network.numbers.get(number);
  if (owner) {
    const { campaign, publisher, source } = owner;
    return { ...nobody, number, pool, state: 'given', campaign, publisher, source, rests_until: null };
  }
  if (last?.until === null) {
    const { campaign, publisher, source, application, use, paused } = last;
    const state = use === 'visitors' ? 'visitors' : 'held';
    return { number, pool, state, campaign, publisher, source, application, paused, rests_until: null };
  }
  const rested = restsUntil(last, given.pools.get(pool ?? '')?.coolOff ?? 0);
  return rested !== null && rested > at
    ? { ...nobody, number, pool, state: 'resting', rests_until: rested.toISOString() }
    : { ...nobody, number, pool, state: 'free', rests_until: null };
}

const isWanted = (view: NumberView, { pool, state, publisher, campaign }: NumbersQuery): boolean =>
  (pool === undefined || view.pool === pool) &&
  (state === undefined || view.state === state) &&
  (publisher === undefined || view.publisher === publisher) &&
  (campaign === undefined || view.campaign === campaign);

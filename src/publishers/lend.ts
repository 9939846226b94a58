/**
 * A visitor of a publisher's page gets a number of its own for a while. The same visit keeps its number; else one that is
 * lent to nobody, or the one that was asked for longest ago, goes to it; where all were asked for just now, the page shows
 * the source's own number; so it does where more ask at once than can be served.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { refused, type Refused } from './publishing.ts';
import { badTags, type Tags } from './visit-tags.ts';
import { inVisitorsTurn } from './visitors-turn.ts';

export interface VisitAsked {
  /** Of the page. */
  readonly key: string;
  /** Where the page is, as the browser told it. */
  readonly origin: string;
  /** The page's name for the visit. */
  readonly visit: string;
  readonly tags: Tags;
}

export type Lent =
  | {
      readonly ok: true;
      readonly number: string;
      /** `lent` to this visit until then, unless it asks again; or the source's own, `fixed`. */
      readonly use: 'lent' | 'fixed';
      readonly until: Date | null;
    }
  | Refused<'unknown_key' | 'bad_visit' | 'bad_tags' | 'no_number'>;

/** Nobody's number goes to another while its visitor may still be reading it off the page. */
export const freshForMs = 5 * 60_000;

/** A key that another origin uses is unknown there. Rejects where the database cannot be asked. */
export async function lend(db: Kysely<Schema>, asked: VisitAsked, now: () => Date): Promise<Lent> {
  if (!/^[\w-]{16,64}$/.test(asked.visit))
    return refused('bad_visit', 'a visit is named by 16 to 64 letters, digits, - and _');
  const wrong = badTags(asked.tags);
  if (wrong) return wrong;
  const page = await pageByKey(db, asked);
  if (!page) return refused('unknown_key', 'this key is not for this page');
  const mine = await numbersOf(db, page, now());
  const fixed = mine.find(({ use }) => use === 'fixed');
  const lent = mine.some(({ use }) => use === 'visitors')
    ? await inVisitorsTurn(db, (trx) => lendOne(trx, page, asked, now()))
    : null;
  if (lent) return { ok: true, number: lent.number, use: 'lent', until: lent.until };
  return fixed
    ? { ok: true, number: fixed.number, use: 'fixed', until: null }
    : refused('no_number', 'there is no number for this page now');
}

interface KeyedPage {
  readonly application: string;
  readonly publisher: string;
  readonly campaign: string;
  readonly source: string | null;
  readonly lend_ms: number;
}

async function pageByKey(db: Kysely<Schema>, { key, origin }: VisitAsked): Promise<KeyedPage | null> {
  const page = await db
    .selectFrom('page_keys')
    .innerJoin('applications', 'applications.id', 'page_keys.application')
    .select(['application', 'publisher', 'campaign', 'source', 'lend_ms'])
    .where('key', '=', key)
    .where('revoked_at', 'is', null)
    .where('applications.state', '=', 'approved')
    .where(sql<boolean>`${origin} = any (origins)`)
    .executeTakeFirst();
  return page ?? null;
}

/** Those that calls may come to now. */
function numbersOf(
  db: Kysely<Schema>,
  { application }: KeyedPage,
  now: Date,
): Promise<{ readonly number: string; readonly use: 'fixed' | 'visitors' }[]> {
  return db
    .selectFrom('holdings')
    .select(['number', 'use'])
    .where('application', '=', application)
    .where('held_until', 'is', null)
    .where('held_from', '<=', now)
    .where('paused', '=', false)
    .orderBy('held_from')
    .orderBy('id')
    .execute();
}

/** Null: every number was asked for a moment ago. */
async function lendOne(
  trx: Transaction<Schema>,
  page: KeyedPage,
  { visit, tags }: VisitAsked,
  now: Date,
): Promise<{ readonly number: string; readonly until: Date } | null> {
  const { publisher, campaign, source } = page;
  // Of pages of other sources, a visit of the same name is another.
  const id = `${page.application}/${visit}`;
  const until = new Date(now.getTime() + page.lend_ms);
  const loans = await loansOf(trx, page, now);
  const own = loans.find((loan) => loan.visit === id);
  if (own) {
    await trx
      .updateTable('visits')
      .set({ tags: JSON.stringify(tags), lent_until: until })
      .where('publisher', '=', publisher)
      .where('id', '=', id)
      .execute();
    return { number: own.number, until };
  }
  const [longestAgo] = loans;
  if (longestAgo === undefined) return null;
  if (longestAgo.visit !== null) {
    // Each ask moved the end of the loan to a loan's time ahead.
    const askedAt = (longestAgo.until?.getTime() ?? 0) - page.lend_ms;
    if (now.getTime() - askedAt < freshForMs) return null;
  }
  const { number } = longestAgo;
  // Whoever it was lent to, by a holder before this one too, has it no more.
  await trx
    .updateTable('visits')
    .set({ lent_until: sql<Date>`greatest(lent_from, ${now})` })
    .where('number', '=', number)
    .where('lent_until', '>', now)
    .execute();
  const loan = { campaign, source, number, tags: JSON.stringify(tags), lent_from: now, lent_until: until };
  await trx
    .insertInto('visits')
    .values({ id, publisher, ...loan })
    .onConflict((conflict) => conflict.columns(['publisher', 'id']).doUpdateSet(loan))
    .execute();
  return { number, until };
}

/** The visitors' numbers of the page, each with whom it is lent to: those lent to nobody first, then by when they were asked for. */
async function loansOf(
  trx: Transaction<Schema>,
  { application, publisher, campaign }: KeyedPage,
  now: Date,
): Promise<
  readonly { readonly number: string; readonly visit: string | null; readonly until: Date | null }[]
> {
  const { rows } = await sql<{ number: string; visit: string | null; until: Date | null }>`
    select holdings.number, loan.id as visit, loan.lent_until as until
      from holdings
      left join lateral (
        select id, lent_until from visits
         where visits.number = holdings.number and publisher = ${publisher} and campaign = ${campaign}
           and lent_until > ${now}
         order by lent_from desc limit 1) loan on true
      left join lateral (
        select max(lent_until) as ended from visits where visits.number = holdings.number) before on true
     where application = ${application} and use = 'visitors' and held_until is null and held_from <= ${now} and not paused
     order by loan.lent_until nulls first, before.ended nulls first, holdings.number`.execute(trx);
  return rows;
}

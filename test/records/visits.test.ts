/** Numbers lent to visitors of publishers' pages, in a real Postgres. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshForMs, lend, type VisitAsked } from '../../src/publishers/lend.ts';
import { inTurn } from '../../src/publishers/turn.ts';
import { addPageKey, listPageKeys, revokePageKey } from '../../src/publishers/page-keys.ts';
import { longestTag, mostTags } from '../../src/publishers/visit-tags.ts';
import { forgetVisitsBefore } from '../../src/records/retention.ts';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
let key: string;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const start = Date.UTC(2026, 2, 2, 15, 0, 0);
const at = (minutes: number) => new Date(start + minutes * 60_000);
const origin = 'https://offers.example';
const lendMs = 30 * 60_000;
const fixed = '+18005550150';
const pool = ['+18005550160', '+18005550161'];
const named = (name: string) => `visit-of-${name}-`.padEnd(16, 'x');

const hold = (number: string, use: 'fixed' | 'visitors', application = 'a1', from = -60) =>
  records.db
    .insertInto('holdings')
    .values({
      ...{
        number,
        use,
        application,
        pool: 'toll-free',
        campaign: 'solar',
        publisher: 'clickwise',
        source: 'radio',
      },
      ...{ held_from: at(from), held_until: null },
    })
    .execute();

const apply = (id: string, source: string) =>
  records.db
    .insertInto('applications')
    .values({
      ...{ id, source, publisher: 'clickwise', campaign: 'solar', state: 'approved' },
      ...{ decided_at: null, decided_by: null, why: null },
    })
    .execute();

beforeEach(async () => {
  records = await database.fresh();
  await apply('a1', 'radio');
  await hold(fixed, 'fixed');
  for (const number of pool) await hold(number, 'visitors');
  const added = await addPageKey(records.db, { application: 'a1', origins: [origin], lendMs });
  if (!added.ok) throw new Error(added.message);
  key = added.key.key;
});

const ask = (name: string, minutes: number, given: Partial<VisitAsked> = {}) =>
  lend(records.db, { key, origin, visit: named(name), tags: {}, ...given }, () => at(minutes));

const numberFor = async (name: string, minutes: number) => {
  const lent = await ask(name, minutes);
  return lent.ok ? lent.number : lent.reason;
};

test('each visit has a number of its own, and keeps it when it asks again', async () => {
  expect(await ask('ann', 0)).toEqual({ ok: true, number: pool[0], use: 'lent', until: at(30) });
  expect(await numberFor('bob', 1)).toBe(pool[1]);
  expect(await ask('ann', 20)).toEqual({ ok: true, number: pool[0], use: 'lent', until: at(50) });
  expect(await numberFor('bob', 25)).toBe(pool[1]);
});

test('where all are lent the one asked for longest ago is lent again; where all are fresh, the fixed one is shown', async () => {
  await ask('ann', 0);
  await ask('bob', 1);
  await ask('ann', 2);
  expect(await ask('cid', 3)).toEqual({ ok: true, number: fixed, use: 'fixed', until: null });
  const bobIsStale = 1 + freshForMs / 60_000;
  expect(await numberFor('cid', bobIsStale - 0.01)).toBe(fixed);
  expect(await numberFor('cid', bobIsStale)).toBe(pool[1]);
  // Bob comes back: Ann's is the one asked for longest ago by then.
  expect(await numberFor('bob', 2 + freshForMs / 60_000)).toBe(pool[0]);
  expect(await numberFor('ann', 2.1 + freshForMs / 60_000)).toBe(fixed);
});

test('a number whose loan is over goes to the next visit, the one that rested longest first', async () => {
  await ask('ann', 0);
  await ask('bob', 5);
  expect(await numberFor('cid', 40)).toBe(pool[0]);
  expect(await numberFor('dan', 40)).toBe(pool[1]);
});

test('more at once than can be served are shown the fixed number; an approval waits for one of them at most', async () => {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let hasTurn: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => (hasTurn = resolve));
  const keeper = records.db.transaction().execute(async (trx) => {
    await sql`select take_holdings_turn()`.execute(trx);
    hasTurn();
    await held;
  });
  await turn;
  let shown = 0;
  const asked = Array.from({ length: 130 }, async (_, n) => {
    const lent = await ask(`crowd${n}`, 0);
    if (lent.ok && lent.use === 'fixed') shown++;
    return lent;
  });
  // A hundred wait; nobody of the others does.
  await expect.poll(() => shown, { timeout: 20_000 }).toBe(30);
  const order: string[] = [];
  const approval = inTurn(records.db, () => Promise.resolve(order.push('approval')));
  void Promise.all(asked).then(() => order.push('the crowd'));
  letGo();
  await Promise.all([keeper, approval, ...asked]);
  await Promise.resolve();
  expect(order).toEqual(['approval', 'the crowd']);
});

test('two visits at once never have one number, and no more are lent than there are', async () => {
  const visits = Array.from({ length: 12 }, (_, n) => `racer${n}`);
  const numbers = await Promise.all(visits.map((visit) => numberFor(visit, 0)));
  expect(numbers.filter((number) => pool.includes(number)).sort()).toEqual(pool);
  expect(numbers.filter((number) => number === fixed)).toHaveLength(visits.length - pool.length);
});

test('loans do not overlap on a number: a call belongs to one visit', async () => {
  for (let n = 0; n < 25; n++) await ask(`visitor${n % 7}`, n * 3);
  const loans = await records.db
    .selectFrom('visits')
    .selectAll()
    .orderBy('number')
    .orderBy('lent_from')
    .execute();
  expect(loans.length).toBeGreaterThan(3);
  for (const [n, loan] of loans.entries()) {
    const next = loans[n + 1];
    if (next?.number === loan.number) expect(loan.lent_until <= next.lent_from, loan.id).toBe(true);
  }
});

test('whose switch’s clock is behind sees what is lent all the same', async () => {
  expect(await numberFor('ann', 1)).toBe(pool[0]);
  expect(await numberFor('bob', 0.9)).toBe(pool[1]);
  expect(await numberFor('cid', 0.8)).toBe(fixed);
});

test('asks that come within milliseconds never have one number, and are lent from when their turn came', async () => {
  let clock = start;
  const now = () => new Date(clock++);
  const visits = Array.from({ length: 8 }, (_, n) => ({ key, origin, visit: named(`near${n}`), tags: {} }));
  const asked = await records.db.transaction().execute(async (trx) => {
    await sql`select take_holdings_turn()`.execute(trx);
    const all = visits.map((visit) => lend(records.db, visit, now));
    await expect.poll(() => clock - start).toBe(visits.length);
    clock = at(1).getTime();
    return { all };
  });
  const lent = await Promise.all(asked.all);
  const own = lent.flatMap((one) => (one.ok && one.use === 'lent' ? [one] : []));
  expect(own.map(({ number }) => number).sort()).toEqual(pool);
  expect(own.every(({ until }) => until !== null && until >= at(31))).toBe(true);
});

test('the database refuses a second loan of a number', async () => {
  await ask('ann', 0);
  const again = {
    publisher: 'clickwise',
    campaign: 'solar',
    source: 'radio',
    number: pool[0] ?? '',
    tags: '{}',
  };
  const loan = (from: number, until: number) =>
    records.db
      .insertInto('visits')
      .values({ ...again, id: `direct${from}`, lent_from: at(from), lent_until: at(until) })
      .execute();
  await expect(loan(29, 31)).rejects.toMatchObject({ code: '23P01' });
  await loan(30, 31);
});

test('a number that another holder lends is the former visitor’s no more', async () => {
  await ask('ann', 0);
  await records.db
    .updateTable('holdings')
    .set({ held_until: at(1) })
    .execute();
  await apply('a3', 'tv');
  await hold(pool[0] ?? '', 'visitors', 'a3', 1);
  const other = await addPageKey(records.db, { application: 'a3', origins: [origin], lendMs });
  if (!other.ok) throw new Error(other.message);
  await records.db.updateTable('visits').set({ campaign: 'before' }).execute();
  expect(await ask('bob', 2, { key: other.key.key })).toMatchObject({ number: pool[0], use: 'lent' });
});

test('visits whose loans are over are forgotten, those of released numbers too', async () => {
  await ask('ann', 0);
  await ask('bob', 10);
  await records.db
    .updateTable('holdings')
    .set({ held_until: at(11) })
    .execute();
  await forgetVisitsBefore(records.db, at(35).getTime());
  const left = await records.db.selectFrom('visits').select('number').execute();
  expect(left).toEqual([{ number: pool[1] }]);
});

describe('refused', () => {
  test.each<[string, Partial<VisitAsked>, string]>([
    ['a key that is none', { key: 'page_nobody' }, 'unknown_key'],
    ['a page elsewhere', { origin: 'https://evil.example' }, 'unknown_key'],
    ['the same host without TLS', { origin: 'http://offers.example' }, 'unknown_key'],
    ['a page that hides its origin', { origin: 'null' }, 'unknown_key'],
    ['a visit without a name', { visit: '' }, 'bad_visit'],
    ['a visit with spaces in its name', { visit: 'a visit of somebody' }, 'bad_visit'],
    ['a visit with too long a name', { visit: 'v'.repeat(65) }, 'bad_visit'],
    ['a tag of another name', { tags: { 'utm-source': 'x' } }, 'bad_tags'],
    ['a tag that would be another attribute', { tags: { __proto: 'x' } }, 'bad_tags'],
    ['a tag too long', { tags: { utm: 'x'.repeat(longestTag + 1) } }, 'bad_tags'],
    ['a tag of two lines', { tags: { utm: 'a\nb' } }, 'bad_tags'],
    ['a tag that no database takes', { tags: { utm: 'a\u0000b' } }, 'bad_tags'],
    [
      'too many tags',
      { tags: Object.fromEntries(Array.from({ length: mostTags + 1 }, (_, n) => [`t${n}`, 'x'])) },
      'bad_tags',
    ],
  ])('%s', async (_name, given, reason) => {
    expect(await ask('ann', 0, given)).toMatchObject({ ok: false, reason });
    expect(await records.db.selectFrom('visits').selectAll().execute()).toEqual([]);
  });

  test('a key that was revoked, and an application that is paused', async () => {
    await records.db.updateTable('applications').set({ state: 'paused' }).execute();
    expect(await ask('ann', 0)).toMatchObject({ reason: 'unknown_key' });
    await records.db.updateTable('applications').set({ state: 'approved' }).execute();
    expect(await ask('ann', 0)).toMatchObject({ ok: true });
    expect(await revokePageKey(records.db, key, at(1))).toEqual({ ok: true });
    expect(await revokePageKey(records.db, key, at(1))).toMatchObject({ reason: 'unknown_key' });
    expect(await ask('ann', 2)).toMatchObject({ reason: 'unknown_key' });
    expect(await listPageKeys(records.db)).toMatchObject([{ key, revoked_at: at(1).toISOString() }]);
  });

  test('where the page has no numbers at all', async () => {
    await records.db
      .updateTable('holdings')
      .set({ held_until: at(-1) })
      .execute();
    expect(await ask('ann', 0)).toMatchObject({ reason: 'no_number' });
  });

  test.each<[string, Partial<Parameters<typeof addPageKey>[1]>, string]>([
    ['a key of no application', { application: 'a9' }, 'unknown_application'],
    ['a key for no page', { origins: [] }, 'bad_origin'],
    ['a key for a path', { origins: ['https://offers.example/solar'] }, 'bad_origin'],
    ['a key for a slash', { origins: ['https://offers.example/'] }, 'bad_origin'],
    ['a key for anybody', { origins: ['*'] }, 'bad_origin'],
    ['a key for pages that hide their origin', { origins: ['null'] }, 'bad_origin'],
    ['a key for files', { origins: ['file:///'] }, 'bad_origin'],
    ['loans of no time', { lendMs: 0 }, 'bad_span'],
  ])('%s', async (_name, given, reason) => {
    const asked = { application: 'a1', origins: [origin], lendMs, ...given };
    expect(await addPageKey(records.db, asked)).toMatchObject({ ok: false, reason });
  });
});

test('a visit of the same name at another source’s page is another visit', async () => {
  await apply('a2', 'tv');
  await hold('+18005550170', 'visitors', 'a2');
  const other = await addPageKey(records.db, { application: 'a2', origins: [origin], lendMs });
  if (!other.ok) throw new Error(other.message);
  await ask('ann', 0);
  expect(await ask('ann', 1, { key: other.key.key })).toMatchObject({ number: '+18005550170' });
  expect(await ask('ann', 2)).toMatchObject({ number: pool[0] });
});

test('the tags of a visit are kept with its loan, the newest of them', async () => {
  await ask('ann', 0, { tags: { utm_source: 'radio' } });
  await ask('ann', 1, { tags: { utm_source: 'tv', gclid: 'x1' } });
  const loans = await records.db.selectFrom('visits').select(['number', 'tags']).execute();
  expect(loans).toEqual([{ number: pool[0], tags: { utm_source: 'tv', gclid: 'x1' } }]);
});

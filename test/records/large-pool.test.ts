/** Pools as large as an inventory: counted, drawn from and listed as small ones are, whichever way their numbers came. */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { Registry as Metrics } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../src/events.ts';
import { countFree, firstFree } from '../../src/publishers/free-numbers.ts';
import type { NumbersQuery } from '../../src/publishers/list-numbers.ts';
import { watchStock, type Stock } from '../../src/publishers/pool-stock.ts';
import type { Schema } from '../../src/records/schema.ts';
import { aGiven, day, givenNumber, mara, publishingStage, range } from './support/publishing-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let db: Kysely<Schema>;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  ({ db } = await database.fresh());
});

const many = 20_000;
const first = 18005000000;
const last = `+${first + many - 1}`;
const vast = () =>
  aGiven({
    pools: new Map([['vast', { numbers: range(first, many), coolOff: day, campaigns: ['solar'] }]]),
    numbers: new Map([givenNumber(`+${first}`), givenNumber('+18889990000')]),
  });

it('a pool of many thousands: each page is some of it, the last number is there, what is free is counted', async () => {
  const stage = publishingStage(db);
  stage.given = vast();
  await sql`insert into imported_numbers (number, pool)
    select '+1888' || (5000000 + n), 'vast' from generate_series(0, ${many - 1}::int) n`.execute(db);
  const count = () => countFree(db, stage.given, 'vast', stage.now);
  expect(await count()).toBe(2 * many - 1);
  const held = await stage.approved('solar');
  expect(held.number).toBe(`+${first + 1}`);
  expect(await count()).toBe(2 * many - 2);
  expect(await stage.listNumbers({ limit: 2 })).toMatchObject({
    items: [{ state: 'given' }, { number: held.number, state: 'held' }],
    next: held.number,
  });
  const { items, next } = await stage.listNumbers({ limit: 2, after: `+${first + many - 2}` });
  expect(items).toMatchObject([{ number: last }, { number: '+18885000000', pool: 'vast' }]);
  expect(next).toBe('+18885000000');
  expect((await stage.listNumbers({ limit: 5, after: `+${18885000000 + many - 1}` })).items).toMatchObject([
    { number: '+18889990000', state: 'given' },
  ]);
  expect((await stage.listNumbers({ limit: 5, state: 'held' })).items).toHaveLength(1);
  expect(await stage.listCampaigns()).toContainEqual(
    expect.objectContaining({ id: 'solar', free: 2 * many - 2 }),
  );
});

it.each<[string, (publisher: string) => Omit<NumbersQuery, 'limit'>, number]>([
  ['of a publisher', (publisher) => ({ publisher }), 1],
  ['of one that the config gives a number', () => ({ publisher: 'clickwise' }), 2],
  ['of a campaign', () => ({ campaign: 'solar' }), 3],
  ['that are held', () => ({ state: 'held' }), 1],
  ['that are given', () => ({ state: 'given' }), 2],
  ['that are lent to visitors', () => ({ state: 'visitors' }), 0],
  ['that rest', () => ({ state: 'resting' }), 1],
])('numbers %s are asked for, not looked for among all', async (_, query, found) => {
  const first = publishingStage(db);
  first.given = vast();
  const { publisher } = await first.approved('solar');
  const { number } = await first.approved('solar');
  await first.release({ number, by: mara });
  let statements = 0;
  const counted = db.withPlugin({
    transformQuery: ({ node }) => ((statements += 1), node),
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const stage = publishingStage(counted);
  stage.given = first.given;
  const { items } = await stage.listNumbers({ limit: 50, ...query(publisher) });
  expect(items).toHaveLength(found);
  expect(statements).toBeLessThanOrEqual(2);
});

describe('what is free', () => {
  it('is neither held, nor resting, nor given; it is counted as it is handed out', async () => {
    const stage = publishingStage(db);
    const count = (pool: string) => countFree(db, stage.given, pool, stage.now);
    expect(await count('local')).toBe(3);
    expect(await count('toll-free')).toBe(4);
    const { number } = await stage.approved('solar');
    expect(await count('toll-free')).toBe(3);
    await stage.release({ number, by: mara });
    stage.now = new Date(stage.now.getTime() + 30 * day - 1);
    expect(await count('toll-free')).toBe(3);
    stage.now = new Date(stage.now.getTime() + 1);
    expect(await count('toll-free')).toBe(4);
  });

  it('is no imported number that the YAML lists or gives by now', async () => {
    const stage = publishingStage(db);
    await stage.importNumbers('number,pool\n+13035550101,local\n+13035550102,local\n+13035550103,local\n');
    const count = () => countFree(db, stage.given, 'local', stage.now);
    expect(await count()).toBe(6);
    const { pools } = stage.given;
    stage.given = aGiven({
      pools: new Map([...pools, ['other', { numbers: ['+13035550101'], coolOff: 0, campaigns: [] }]]),
      numbers: new Map([givenNumber('+13035550102')]),
    });
    expect(await count()).toBe(4);
    await stage.importNumbers('number,pool\n+13035550104,local\n');
    expect(await count()).toBe(5);
  });

  it.each([
    [{ kind: 'any' }, '+12125550101'],
    [{ kind: 'area_code', areaCode: '214' }, '+12145550101'],
    [{ kind: 'state', state: 'tx' }, '+12145550101'],
    [{ kind: 'state', state: 'NY' }, '+12125550101'],
    [{ kind: 'state', state: 'ZZ' }, null],
    [{ kind: 'area_code', areaCode: '303' }, null],
    [{ kind: 'toll_free' }, null],
  ] as const)('of %j is %s', async (choice, number) => {
    const stage = publishingStage(db);
    expect(await firstFree(db, stage.given, 'local', { choice, now: stage.now })).toBe(number);
  });
});

describe('the stock of the pools', () => {
  it('is told as it changes: once in the log at each turn to low, and as metrics', async () => {
    const stage = publishingStage(db);
    const logged: unknown[] = [];
    const metrics = new Metrics();
    const events = createEvents((level, event, fields) => logged.push([level, event, fields]), metrics);
    const looks: (readonly Stock[] | null)[] = [];
    let looked: () => void = () => undefined;
    const stop = watchStock({
      db,
      given: () => ({
        ...stage.given,
        pools: new Map([...stage.given.pools].map(([id, pool]) => [id, { ...pool, low: 3 }])),
      }),
      now: () => stage.now,
      everyMs: 20,
      onStock: (stock) => {
        looks.push(stock);
        events.poolStock(stock);
        looked();
      },
    });
    /** Two looks from now: the first may have begun before. */
    const seen = async () => {
      for (let n = 0; n < 2; n++) await new Promise<void>((resolve) => (looked = resolve));
      return looks.at(-1)?.find(({ pool }) => pool === 'local');
    };
    try {
      expect(await seen()).toEqual({ pool: 'local', free: 3, isLow: false });
      expect(logged).toEqual([]);
      const { number } = await stage.approved('roofing');
      expect(await seen()).toEqual({ pool: 'local', free: 2, isLow: true });
      await stage.approved('roofing');
      expect(await seen()).toEqual({ pool: 'local', free: 1, isLow: true });
      const low = ['warn', 'pool_low', { pool: 'local', free: 2 }];
      expect(logged).toEqual([low]);
      const text = await metrics.metrics();
      expect(text).toContain('tollbridge_numbers_free{pool="local"} 1');
      expect(text).toContain('tollbridge_pool_low{pool="local"} 1');
      expect(text).toContain('tollbridge_pool_low{pool="many"} 0');

      await stage.release({ number, by: mara });
      await stage.importNumbers('number,pool\n+13035550101,local\n');
      expect(await seen()).toMatchObject({ free: 3, isLow: false });
      expect(await metrics.metrics()).toContain('tollbridge_pool_low{pool="local"} 0');
      await stage.approved('roofing');
      expect(await seen()).toMatchObject({ free: 2, isLow: true });
      expect(logged).toEqual([low, low]);
    } finally {
      await stop();
    }
  });

  it('is not known while the database is away: no figure, rather than an old one', async () => {
    const metrics = new Metrics();
    const events = createEvents(() => undefined, metrics);
    events.poolStock([{ pool: 'local', free: 2, isLow: true }]);
    events.poolStock(null);
    expect(await metrics.metrics()).not.toMatch(/pool="local"/);
  });
});

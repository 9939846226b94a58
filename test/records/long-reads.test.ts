/** Reports that take long, or come many at once, hold up nobody who asks for little. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiRecords, longAtOnce } from '../../src/records/api/api-records.ts';
import { atMost } from '../../src/records/api/at-most.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

it('a token is looked up while more reports wait for the database than it has connections', async () => {
  const { db, url } = await database.fresh();
  const records = apiRecords(db);
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query('begin');
  await holder.query('lock table calls in access exclusive mode');
  const reports = Array.from({ length: 12 }, (_, at) =>
    at % 2 === 0
      ? records.report({ by: ['day'], timezone: 'UTC' })
      : records.listPayouts({ publisher: 'clickwise' }),
  );
  try {
    expect(await records.storedToken('none')).toBeNull();
    expect(await records.listStatements({})).toEqual([]);
  } finally {
    await holder.query('commit');
    await holder.end();
  }
  expect(await Promise.all(reports)).toHaveLength(12);
});

it('so many run at once, the others in the order in which they came; one that fails lets the next in', async () => {
  const inLine = atMost(longAtOnce);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const stories = Array.from({ length: 5 }, (_, at) =>
    inLine(async () => {
      began.push(at);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (at === 0) throw new Error('the first');
      return at;
    }),
  );
  const settled = Promise.allSettled(stories);
  expect(began).toEqual([0, 1]);
  ends[0]?.();
  await expect(stories[0]).rejects.toThrow('the first');
  expect(began).toEqual([0, 1, 2]);
  ends[1]?.();
  expect(await stories[1]).toBe(1);
  expect(began).toEqual([0, 1, 2, 3]);
  for (let at = 2; at < 5; at++) {
    ends[at]?.();
    await stories[at];
  }
  expect((await settled).map(({ status }) => status)).toEqual([
    'rejected',
    ...Array.from({ length: 4 }, () => 'fulfilled'),
  ]);
});

/** What is held and what the config gives, looked at as either changes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startHoldingsFeed } from '../../src/publishers/holdings-feed.ts';
import { openRecords } from '../../src/records/open-records.ts';
import { watchClashes } from '../../src/composition/watch-clashes.ts';
import { aGiven, givenNumber, mara, publishingStage } from './support/publishing-stage.ts';
import { quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';
import { wayTo } from './support/way-to.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

/** A watch that hears of changes from a feed, by a way to the database that can be cut. */
async function watching(options: { readonly everyMs?: number } = {}) {
  const { db, url } = await database.fresh();
  const stage = publishingStage(db);
  const held = await stage.approved('solar');
  stage.given = aGiven({ numbers: new Map([givenNumber(held.number)]) });
  const way = await wayTo(url);
  onTestFinished(() => way.close());
  const records = openRecords({ url: way.url, log: quiet });
  onTestFinished(() => records.close());
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-clashes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const seen: (readonly string[] | 'unknown')[] = [];
  const start = async () => {
    const clashes = watchClashes({
      ...{ db: records.db, given: () => stage.given, gatherMs: 10, ...options },
      events: { numbersClash: (found) => void seen.push(found.map(({ number }) => number)) },
      log: () => void seen.push('unknown'),
    });
    onTestFinished(() => clashes.stop());
    const feed = await startHoldingsFeed({
      ...{ url: way.url, file: join(folder, 'holdings.json'), now: () => Date.now() },
      ...{ log: () => undefined, onHoldings: () => clashes.changed(), pollMs: 600_000, longestPauseMs: 50 },
    });
    onTestFinished(() => feed.stop());
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
  };
  const sees = (last: readonly string[]) => expect.poll(() => seen.at(-1), { timeout: 10_000 }).toEqual(last);
  return { stage, way, held, seen, start, sees };
}

test('a clash that is put right by a release is one no longer', async () => {
  const { stage, held, start, sees } = await watching();
  await start();
  await sees([held.number]);
  await stage.release({ number: held.number, by: mara });
  await sees([]);
});

test('the database was away at the start: it is looked for once it is back', async () => {
  const { way, held, seen, start, sees } = await watching();
  way.cut();
  await start();
  expect(seen[0]).toBe('unknown');
  way.mend();
  await sees([held.number]);
});

test('a change that nobody told of is seen by a later look', async () => {
  const { stage, held, start, sees } = await watching({ everyMs: 50 });
  await start();
  await sees([held.number]);
  stage.given = aGiven();
  await sees([]);
});

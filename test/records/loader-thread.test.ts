import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import type { Loader } from '../../src/records/loader/loader.ts';
import { startLoaderThread, type ThreadLoader } from '../../src/records/loader/loader-thread.ts';
import type { Records } from '../../src/records/open-records.ts';
import type { Subscription } from '../../src/records/outbox/subscription.ts';
import { aCall, ended, offered, writeTable } from './support/a-call.ts';
import { keptLog, quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const ownEntry = new URL('./support/loader-thread-entry.mjs', import.meta.url);
let database: TestDatabase;
let records: Records;
let dir: string;
let journal: Journal;
const loaders: Loader[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

beforeEach(async () => {
  records = await database.fresh();
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  journal = await openJournal({ dir, log: quiet, segmentBytes: 5000 });
});
afterEach(async () => {
  for (const loader of loaders.splice(0)) await loader.stop();
  await journal.close();
  await rm(dir, { recursive: true, force: true });
});

function load(given: Partial<Parameters<typeof startLoaderThread>[0]> = {}): ThreadLoader {
  const loader = startLoaderThread({
    ...{ journal, url: records.url, log: quiet, longestPause: 100, entry: ownEntry },
    ...given,
  });
  loaders.push(loader);
  return loader;
}

const calls = async (): Promise<number> =>
  (await records.db.selectFrom('calls').select('id').execute()).length;

it('loads what is journalled while it runs, tells what was settled and refused, and lets go of what it has', async () => {
  const told: string[] = [];
  const refused: string[] = [];
  const loader = load({ onSettled: ({ call }) => told.push(call), onRejected: (call) => refused.push(call) });
  writeTable(journal);
  const sound = Array.from({ length: 30 }, () => aCall());
  const unsound = { ...aCall(), endedAt: Number.NaN };
  for (const call of [...sound.slice(0, 15), unsound, ...sound.slice(15)]) {
    await journal.flushed(journal.append(ended(call)));
  }
  await loader.caughtUp();
  expect(await calls()).toBe(30);
  expect(told.toSorted()).toEqual(sound.map(({ call }) => call).toSorted());
  expect(refused).toEqual([unsound.call]);
  expect(loader.stats()).toMatchObject({ lag: 0, lagSeconds: 0, connected: true, rejects: 1, gaps: 0 });
  await expect.poll(() => journal.stats().segments).toBeLessThan(3);
});

it('is started again where its thread dies, and each call is told of once, the journal of live calls kept', async () => {
  const log = keptLog();
  const told: string[] = [];
  const loader = load({ log, onSettled: ({ call }) => told.push(call), entry: dying });
  const live = aCall();
  writeTable(journal);
  journal.append(offered(live));
  const before = Array.from({ length: 20 }, () => aCall());
  for (const call of before) journal.append(ended(call));
  await loader.caughtUp();
  await expect
    .poll(() => log.lines.map(({ message }) => message), { timeout: 20_000 })
    .toContain('the loading thread died and is started again');
  const after = Array.from({ length: 20 }, () => aCall());
  for (const call of after) journal.append(ended(call));
  await loader.caughtUp();
  expect(told.toSorted()).toEqual([...before, ...after].map(({ call }) => call).toSorted());
  expect(await calls()).toBe(40);
  expect(journal.stats().firstSeq).toBe(1);
});

const dying = new URL('./support/dying-loader-thread-entry.mjs', import.meta.url);

it('tells those whom it was given of calls, those it was given since of later ones; each once, though its thread dies', async () => {
  const to = (id: string): Subscription => ({
    ...{ id, owner: { kind: 'network' }, events: ['call.ended'], caller: 'full', attributes: [] },
  });
  const loader = load({ subscriptions: [to('first')], entry: dying });
  writeTable(journal);
  const recently = () => aCall({ startedAt: Date.now() - 200_000 });
  const before = Array.from({ length: 20 }, recently);
  for (const call of before) journal.append(ended(call));
  await loader.caughtUp();
  loader.subscribe([to('second')]);
  const after = Array.from({ length: 20 }, recently);
  for (const call of after) journal.append(ended(call));
  await loader.caughtUp();
  const rows = await records.db
    .selectFrom('webhook_deliveries')
    .select(['endpoint', 'call_id'])
    .orderBy('seq')
    .execute();
  expect(rows).toEqual([
    ...before.map(({ call }) => ({ endpoint: 'first', call_id: call })),
    ...after.map(({ call }) => ({ endpoint: 'second', call_id: call })),
  ]);
});

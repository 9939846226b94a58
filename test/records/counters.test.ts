import { sql } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { Counters } from '../../src/composition/counters.ts';
import type { Standing } from '../../src/reload/parcels.ts';
import { noteCorrection } from '../../src/records/corrections.ts';
import { openJournal } from '../../src/records/journal/journal.ts';
import { startLoader } from '../../src/records/loader/loader.ts';
import { callsToReplay, paidCalls, type CallToReplay } from '../../src/records/calls-to-replay.ts';
import type { Records } from '../../src/records/open-records.ts';
import { aCall, ended, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1, 16);
const from = '+12145550777';
const recent = { startedAt: now - 2 * day, from };
const old = { startedAt: now - 60 * day, from };

let database: TestDatabase;
let records: Records;
let config: Standing;

beforeAll(async () => {
  database = await startTestDatabase();
  records = await database.fresh();
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  const journal = await openJournal({ dir, log: quiet });
  writeTable(journal);
  for (const startedAt of [old, recent]) journal.append(ended(aCall(startedAt)));
  const loader = startLoader({ journal, db: records.db, log: quiet });
  await loader.caughtUp();
  await loader.stop();
  await journal.close();
  await rm(dir, { recursive: true });
  const loaded = await loadConfig(join(import.meta.dirname, '../../config/tollbridge.yaml'), {});
  if (!loaded.ok) throw new Error('the example does not load');
  config = loaded.config;
});
afterAll(() => database.stop());

const modest = { counts: 32 * day, performance: 0, callers: 7 * day };
const seenAt = (counters: Counters) => counters.tally.seen(from, 'solar', 'sunrise', 'attempted');
const connectedEver = (counters: Counters) =>
  counters.tally.counted('buyer:sunrise', 'connected', 'ever', now);

it('remembers no more than is asked; a reload that asks for more gets it, and nothing is counted twice', async () => {
  const counters = new Counters(records.db, { config });
  await counters.fill(modest, now);
  expect(connectedEver(counters)).toBe(1);
  expect(counters.tally.counted('buyer:sunrise', 'connected', 'month', now)).toBe(0);

  const far = { counts: Infinity, performance: 90 * day, callers: 90 * day };
  await counters.reachBack(far, now);
  expect(connectedEver(counters)).toBe(2);
  expect(counters.performance.over('solar', 'sunrise', now - 90 * day)).toMatchObject({ attempts: 2 });
  expect(seenAt(counters)).toBe(recent.startedAt + 1_000);

  await counters.reachBack(far, now + day);
  expect(connectedEver(counters)).toBe(2);
  expect(counters.performance.over('solar', 'sunrise', now - 90 * day)).toMatchObject({ attempts: 2 });
});

it('what was read for the performance is not counted again when a longer cap comes', async () => {
  const counters = new Counters(records.db, { config });
  await counters.fill({ counts: 0, performance: 7 * day, callers: 0 }, now);
  expect(connectedEver(counters)).toBe(1);
  await counters.reachBack({ counts: 32 * day, performance: 7 * day, callers: 0 }, now + 1_000);
  expect(connectedEver(counters)).toBe(1);
  await counters.reachBack({ counts: Infinity, performance: 7 * day, callers: 0 }, now + 2_000);
  expect(connectedEver(counters)).toBe(2);
});

it('without a cap nothing is read; one that comes later finds its past', async () => {
  const counters = new Counters(records.db, { config });
  await counters.fill({ counts: 0, performance: 0, callers: 0 }, now);
  expect(connectedEver(counters)).toBe(0);
  await counters.reachBack({ counts: 8 * day, performance: 0, callers: 0 }, now + 1_000);
  expect(connectedEver(counters)).toBe(1);
});

it('what happens between two reloads stays counted once', async () => {
  const counters = new Counters(records.db, { config });
  await counters.fill({ ...modest, performance: day }, now);
  counters.performance.add('solar', 'sunrise', { attempts: 1 }, now);
  await counters.reachBack({ ...modest, performance: 90 * day }, now + 1_000);
  expect(counters.performance.over('solar', 'sunrise', now - 90 * day).attempts).toBe(3);
});

it('what a correction brings, whoever makes it, counts once, in the period of its call, as after a restart', async () => {
  const own = await database.fresh();
  const noted = (revenue: bigint, converted: number, endedAt = new Date(now)) =>
    own.db.transaction().execute((trx) =>
      noteCorrection(trx, {
        ...{ campaign: 'solar', publisher: 'clickwise', buyer: 'sunrise', caller: '+12145550888' },
        ...{ revenue, converted, endedAt },
      }),
    );
  await noted(1_000_000n, 0);
  const counters = new Counters(own.db, { config });
  await counters.fill(modest, now);
  const counted = () =>
    (['converted', 'revenue'] as const).map((count) =>
      counters.tally.counted('buyer:sunrise', count, 'ever', now),
    );
  await counters.notice();
  // What was corrected before the start is in the records that were read.
  expect(counted()).toEqual([0, 0]);

  await noted(7_000_000n, 1);
  await Promise.all([counters.notice(), counters.notice()]);
  await counters.notice();
  expect(counted()).toEqual([1, 7_000_000]);
  // Who converted late has converted, for the rules on repeat callers too.
  expect(counters.tally.seen('+12145550888', 'solar', 'sunrise', 'converted')).toBe(now);

  await noted(-7_000_000n, -1);
  // Further back than anything that is counted.
  await noted(5_000_000n, 1, new Date(now - 40 * day));
  await counters.notice();
  expect(counted()).toEqual([0, 0]);

  await sql`truncate corrections restart identity`.execute(own.db);
  await counters.notice();
  await noted(2_000_000n, 0);
  await counters.notice();
  expect(counted()).toEqual([0, 2_000_000]);
});

it('a buyer that moves to another zone is counted by its new midnight, from the records', async () => {
  const current = { config };
  // In London it is the next day, elsewhere still, or already, the same.
  const later = recent.startedAt + 9 * 3_600_000;
  const counters = new Counters(records.db, current);
  await counters.fill(modest, later);
  const sunrise = config.network.buyers.get('sunrise')!;
  const connected = () => counters.tally.counted('buyer:sunrise', 'connected', 'day', later);
  const movedTo = async (timezone: string) => {
    const buyers = new Map([...config.network.buyers, ['sunrise', { ...sunrise, timezone }]]);
    const next = { ...config, network: { ...config.network, buyers } };
    const changeClocks = await counters.prepareClocks(next, later);
    current.config = next;
    changeClocks();
  };
  expect(connected()).toBe(1);
  const seen: number[] = [];
  for (const zone of ['Europe/London', 'Pacific/Kiritimati', 'Europe/London', sunrise.timezone]) {
    await movedTo(zone);
    seen.push(connected());
  }
  expect(seen).toEqual([0, 1, 0, 1]);
});

it('gives up where the records do not answer, and has changed nothing', async () => {
  const own = await database.fresh();
  const counters = new Counters(own.db, { config });
  await counters.fill(modest, now);
  await own.close();
  await expect(counters.reachBack({ ...modest, counts: Infinity }, now)).rejects.toThrow();
  expect(connectedEver(counters)).toBe(0);
});

it('a replay reads the calls of its time with how each buyer took them, and what was paid before', async () => {
  const [since, until] = [new Date(now - 3 * day), new Date(now)];
  const calls = await records.db.transaction().execute(async (trx) => {
    const all: CallToReplay[] = [];
    for await (const page of callsToReplay(trx, since, until)) all.push(...page);
    return all;
  });
  expect(calls).toMatchObject([
    {
      ...{ from, buyer: 'sunrise', routed: true, revenue: 45_000_000n, startedAt: recent.startedAt },
      attempts: [{ buyer: 'sunrise', result: 'answered', status: 200, bid: null }],
    },
  ]);
  const paid = await paidCalls(records.db, new Date(now - 90 * day), since);
  expect(paid).toMatchObject([
    { from, campaign: 'solar', buyer: 'sunrise', revenue: 45_000_000n, payout: 30_000_000n },
  ]);
});

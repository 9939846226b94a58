import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { callsAPage } from '../../src/records/call-pages.ts';
import { callsToReplay } from '../../src/records/calls-to-replay.ts';
import type { CallRecord } from '../../src/records/events.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import type { Records } from '../../src/records/open-records.ts';
import { replayBoth } from '../../src/replay/replay-both.ts';
import { replayPayouts } from '../../src/replay/replay-payouts.ts';
import type { SettledAgain } from '../../src/replay/differing.ts';
import type { PayoutCap, TermsBook } from '../../src/settlement/terms.ts';
import { aCall, ended, tableEvents, terms } from './support/a-call.ts';
import { book as stageBook, ledgerStage, network } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

async function loaded(calls: readonly CallRecord[]): Promise<Records> {
  const records = await database.fresh();
  const entries = [...tableEvents(), ...calls.map(ended)].map((event, at) => ({ seq: at + 1, event }));
  await loadBatch(records.db, 'journal', entries, new KnownTerms());
  return records;
}

const at = (text: string): number => Date.parse(text);
const day = 86_400_000;
const span = [new Date('2026-03-05T00:00Z'), new Date('2026-03-10T00:00Z')] as const;

const withCap = (cap: Omit<PayoutCap, 'campaign'>): TermsBook => ({
  ...terms,
  publishers: new Map([
    ['clickwise', { publisher: 'clickwise', hold: 0, caps: [{ ...cap, campaign: null }] }],
  ]),
});

const withWindow = (oncePerCaller: number | null): TermsBook => ({
  ...terms,
  buyers: new Map([...terms.buyers].map(([id, buyer]) => [id, { ...buyer, oncePerCaller }])),
});

/** With the calls that change. */
async function replayed(records: Records, book: TermsBook) {
  const changes: SettledAgain[] = [];
  const replay = await replayPayouts(records.db, book, ...span, (one) => changes.push(one));
  expect(replay.changed).toBe(changes.length);
  return { ...replay, changes };
}

it('comes to what is recorded under the terms that it was recorded under', async () => {
  const caller = '+12145550199';
  const records = await loaded([
    aCall({ startedAt: at('2026-03-04T12:00Z'), from: caller }),
    aCall({ startedAt: at('2026-03-05T12:00Z'), from: caller }),
    aCall({ startedAt: at('2026-03-05T13:00Z') }),
    aCall({ startedAt: at('2026-03-06T12:00Z'), talk: 62_000, buyer: 'helio' }),
    aCall({ startedAt: at('2026-03-06T13:00Z'), connectedAt: null, buyer: null }),
  ]);
  const replay = await replayed(records, terms);
  expect(replay).toMatchObject({ calls: 4, changes: [], publishers: [], buyers: [], otherCurrency: 0 });
  expect(replay.after).toEqual(replay.before);
  expect(replay.before.revenue).toBe(83_000_000n);
});

it('follows duplicates through: those of before the span from the records, later ones as the terms come to them', async () => {
  const caller = '+12145550198';
  const first = aCall({ startedAt: at('2026-03-04T12:00Z'), from: caller });
  const second = aCall({ startedAt: at('2026-03-05T12:00Z'), from: caller });
  const third = aCall({ startedAt: at('2026-03-06T11:00Z'), from: caller });
  const records = await loaded([first, second, third]);
  const billedNow = async (window: number | null) => {
    const { changes } = await replayed(records, withWindow(window));
    return changes.map(({ recorded, now }) => [recorded.call.call, now.revenue]);
  };
  // 24 hours after the first is no duplicate any more; the third, 23 hours after the second, is one.
  expect(await billedNow(day)).toEqual([[second.call, 45_000_000n]]);
  // With the second a duplicate of the first, the third is far enough from any that was billed.
  expect(await billedNow(day + 1)).toEqual([[third.call, 45_000_000n]]);
  expect(await billedNow(30 * day)).toEqual([]);
  expect(await billedNow(null)).toHaveLength(2);
});

it('follows payout caps through, with what was paid in their period before the span', async () => {
  const calls = ['2026-03-02', '2026-03-06', '2026-03-07', '2026-03-08'].map((date) =>
    aCall({ startedAt: at(`${date}T17:00Z`) }),
  );
  const records = await loaded(calls);
  // 30.00 of 100.00 were paid before: of the three, the third is cut to 10.00.
  const replay = await replayed(records, withCap({ limit: 100_000_000n, per: 'month' }));
  expect(replay.changes).toMatchObject([
    {
      recorded: { call: { call: calls[3]!.call }, payout: 30_000_000n },
      now: { payout: 10_000_000n, payoutReason: expect.stringContaining('10.00 left of 30.00') },
    },
  ]);
  expect(replay.publishers).toEqual([{ id: 'clickwise', calls: 1, before: 90_000_000n, after: 70_000_000n }]);
  expect(replay.buyers).toEqual([]);
  const ever = await replayed(records, withCap({ limit: 40_000_000n, per: 'ever' }));
  expect(ever.after.payout).toBe(10_000_000n);
});

it('leaves calls in another currency as they are', async () => {
  const records = await loaded([aCall({ startedAt: at('2026-03-06T12:00Z') })]);
  const replay = await replayed(records, { ...terms, currency: 'EUR' });
  expect(replay).toMatchObject({ calls: 0, otherCurrency: 1 });
});

it('has the same as recorded as a replay of the routing: disputes stand beside both', async () => {
  const { db } = await database.fresh();
  const stage = await ledgerStage(db);
  const [sold, disputed] = [
    aCall({ table: 'table-c', buyer: 'brightside', startedAt: at('2026-03-06T12:00Z') }),
    aCall({ table: 'table-c', buyer: 'helio', startedAt: at('2026-03-06T13:00Z') }),
  ];
  await stage.load(sold, disputed);
  const by = network;
  await stage.reportConversion({
    ...{ call: sold.call, key: 'a', name: 'sale', amount: '120.00', by, happenedAt: null },
  });
  const opened = await stage.openDispute({ call: disputed.call, reason: 'not ours', by });
  if (!opened.ok) throw new Error(opened.message);
  await stage.decideDispute({
    ...{ dispute: opened.dispute, decision: { state: 'accepted' }, by: 'network', why: 'so it was' },
  });
  const loadedConfig = await loadConfig(join(import.meta.dirname, '../../config/tollbridge.yaml'), {});
  if (!loadedConfig.ok) throw new Error('the example does not load');
  const { config } = loadedConfig;
  const [from, to] = span;
  const payouts = await replayPayouts(db, stageBook, from, to);
  const routing = await replayBoth(db, config, config, { from, to });
  expect(payouts.before).toEqual({ revenue: 98_000_000n, payout: 60_000_000n });
  expect(payouts).toMatchObject({ changed: 0, after: payouts.before });
  expect(routing).toMatchObject({ calls: 2, recorded: payouts.before });
  expect(routing.before).toEqual(routing.after);
});

it('reads more calls than a page has', { timeout: 120_000 }, async () => {
  const many = Array.from({ length: 2 * callsAPage + 3 }, (_, n) =>
    aCall({ startedAt: at('2026-03-06T00:00Z') + n * 10_000 }),
  );
  const { db } = await loaded(many);
  const [from, to] = span;
  const replay = await replayPayouts(db, terms, from, to);
  expect(replay).toMatchObject({ calls: many.length, changed: 0, after: replay.before });
  expect(replay.before.payout).toBe(30_000_000n * BigInt(many.length));
  const seen: string[] = [];
  await db.transaction().execute(async (trx) => {
    for await (const page of callsToReplay(trx, from, to)) {
      expect(page.length).toBeLessThanOrEqual(callsAPage);
      seen.push(...page.map(({ id }) => id));
      expect(page.every(({ attempts }) => attempts.length === 1)).toBe(true);
    }
  });
  expect(seen).toEqual(many.map(({ call }) => call));
});

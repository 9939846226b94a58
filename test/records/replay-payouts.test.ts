import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallRecord } from '../../src/records/events.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import type { Records } from '../../src/records/open-records.ts';
import { replayPayouts } from '../../src/replay/replay-payouts.ts';
import type { SettledAgain } from '../../src/replay/differing.ts';
import type { PayoutCap, TermsBook } from '../../src/settlement/terms.ts';
import { aCall, ended, tableEvents, terms } from './support/a-call.ts';
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

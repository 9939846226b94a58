/** What payout caps count, against a plain sum over the records of the calls. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { paidOutIn } from '../../src/records/paid-out.ts';
import { dropMonthsBefore } from '../../src/records/retention.ts';
import { capPeriod } from '../../src/settlement/cap-period.ts';
import { keyOf, type CapSum } from '../../src/settlement/cap-sums.ts';
import type { PayoutCap, TermsBook } from '../../src/settlement/terms.ts';
import { diceOf } from '../support/dice.ts';
import { aCall } from './support/a-call.ts';
import { book, ledgerStage, network } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const day = 86_400_000;
const talk = 95_000;
/** The call that ends then. */
const endedAt = (at: number, given: Parameters<typeof aCall>[0] = {}) =>
  aCall({ table: 'table-c', startedAt: at - 3_000 - talk, ...given });

const inDollars: CapSum = {
  ...{ publisher: 'clickwise', currency: 'USD', campaign: null },
  period: { from: -Infinity, to: Infinity },
};

const withCaps = (caps: readonly PayoutCap[], more: Partial<TermsBook> = {}): TermsBook => ({
  ...book,
  ...more,
  publishers: new Map([['clickwise', { publisher: 'clickwise', hold: 0, caps }]]),
});

it('is what the calls of any period of any zone were paid, and of them what came before a time', async () => {
  const { db } = await database.fresh();
  const stage = await ledgerStage(db);
  const dice = diceOf(20261122);
  const edges = [
    Date.UTC(2026, 2, 8, 5),
    Date.UTC(2026, 2, 29),
    Date.UTC(2026, 2, 31, 18, 15),
    Date.UTC(2026, 3, 1),
  ];
  const instant = () => dice.oneOf([edges[0]!, ...edges]) + dice.below(4 * day) - 2 * day;
  const near = () => dice.oneOf([edges[0]!, ...edges]) + 900_000 * (dice.below(9) - 4) + dice.below(3) - 1;
  await stage.load(
    ...Array.from({ length: 400 }, () =>
      endedAt(dice.chance(0.5) ? instant() : near(), {
        publisher: dice.oneOf(['clickwise', 'homeleads']),
        campaign: dice.oneOf(['solar', 'roofing']),
      }),
    ),
  );
  const zones = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'] as const;
  const asked = Array.from({ length: 120 }, (): CapSum => ({
    publisher: dice.oneOf(['clickwise', 'homeleads', 'nobody']),
    currency: dice.oneOf(['USD', 'USD', 'EUR']),
    campaign: dice.oneOf([null, 'solar', 'roofing']),
    period: capPeriod(dice.oneOf(['day', 'week', 'month', 'ever']), dice.oneOf(zones), instant()),
  }));
  const plain = async ({ publisher, currency, campaign, period }: CapSum, before: Date | null) => {
    const { rows } = await sql<{ sum: bigint }>`
      select coalesce(sum(payout), 0)::bigint as sum from calls
       where publisher = ${publisher} and ${currency} = 'USD' and (${campaign}::text is null or campaign = ${campaign})
         and extract(epoch from ended_at) * 1000 >= ${period.from}::float8
         and extract(epoch from ended_at) * 1000 < ${period.to}::float8
         and (${before}::timestamptz is null or ended_at < ${before})`.execute(db);
    return rows[0]!.sum;
  };
  let above = 0;
  for (const before of [null, new Date(edges[0]! + 450_001), new Date(edges[3]!), new Date(near())]) {
    const sums = await paidOutIn(db, asked, before && { what: 'ended_at', at: before });
    for (const sum of asked) {
      const expected = await plain(sum, before);
      if (expected > 0n) above++;
      expect(sums.get(keyOf(sum)) ?? 0n, `${keyOf(sum)} before ${before?.toISOString()}`).toBe(expected);
    }
  }
  expect(above).toBeGreaterThan(150);
});

it('follows corrections, in the period in which the call ended', async () => {
  const { db } = await database.fresh();
  const stage = await ledgerStage(db);
  const call = endedAt(Date.UTC(2026, 1, 27));
  await stage.load(call);
  const february: CapSum = { ...inDollars, period: capPeriod('month', 'America/New_York', call.endedAt) };
  const march: CapSum = { ...inDollars, period: capPeriod('month', 'America/New_York', stage.now.getTime()) };
  const paid = async () => {
    const sums = await paidOutIn(db, [february, march, inDollars]);
    return [february, march, inDollars].map((sum) => sums.get(keyOf(sum)) ?? 0n);
  };
  expect(await paid()).toEqual([30_000_000n, 0n, 30_000_000n]);
  const opened = await stage.openDispute({ call: call.call, reason: 'not ours', by: network });
  if (!opened.ok) throw new Error(opened.message);
  const decision = { state: 'partly', remains: '15.00' } as const;
  await stage.decideDispute({ dispute: opened.dispute, decision, by: 'network', why: 'partly' });
  expect(await paid()).toEqual([10_000_000n, 0n, 10_000_000n]);
});

it('stays when the records are dropped: a cap whose period is longer than they are kept goes on', async () => {
  const { db } = await database.fresh();
  const caps = [{ limit: 50_000_000n, per: 'ever', campaign: null }] as const;
  const stage = await ledgerStage(db, { 'table-ever': withCaps(caps) });
  await stage.load(endedAt(Date.UTC(2026, 0, 10), { table: 'table-ever' }));
  await dropMonthsBefore(db, Date.UTC(2026, 1, 1));
  const later = endedAt(Date.UTC(2026, 2, 1), { table: 'table-ever' });
  await stage.load(later);
  expect(await stage.call(later.call)).toMatchObject({
    payout: 20_000_000n,
    payout_reason: expect.stringMatching(/^payout cap 50\.00 ever: 20\.00 left of 30\.00, /),
  });
});

it('counts amounts of one currency: what was paid in another fills no cap', async () => {
  const { db } = await database.fresh();
  const caps = [{ limit: 50_000_000n, per: 'month', campaign: null }] as const;
  const stage = await ledgerStage(db, {
    dollars: withCaps(caps),
    euros: withCaps(caps, { currency: 'EUR' }),
  });
  const at = Date.UTC(2026, 2, 10);
  const [euros, dollars, ...more] = [
    ...['euros', 'dollars', 'euros', 'dollars'].map((table, n) => endedAt(at + n * 1_000, { table })),
  ];
  // In one batch, and in two: what was paid is looked up, and counted on.
  await stage.load(euros!, dollars!);
  await stage.load(...more);
  const payouts = await Promise.all([euros!, dollars!, ...more].map(({ call }) => stage.call(call)));
  expect(payouts.map(({ payout }) => payout)).toEqual([30_000_000n, 30_000_000n, 20_000_000n, 20_000_000n]);
});

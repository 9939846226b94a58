/**
 * Sequences of calls, loaded and corrected in a real database, against docs/money.md as an independent evaluator and a
 * list of what was settled before tell it: duplicates a millisecond to either side of their window, caps that fill while
 * clocks change and months begin, calls that come to the database in another order than they were made.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayPayouts } from '../../src/replay/replay-payouts.ts';
import type { Past } from '../../src/settlement/settle.ts';
import type { TermsBook } from '../../src/settlement/terms.ts';
import { diceOf, type Dice } from '../support/dice.ts';
import { worthOf, type WorthOfCall } from '../support/independent-evaluator.ts';
import { pastOf, type PastCall } from '../support/independent-history.ts';
import type { RandomTerms } from '../support/random-calls.ts';
import { ledgerStage, network, type LedgerStage } from './support/ledger-stage.ts';
import { callsUnder, decimal, payingReports, tablesOf, type Told } from './support/random-sequence.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const seed = Number(process.env['INDEPENDENT_SEED'] ?? 20261122);

interface Reported {
  readonly name: string;
  readonly amount: bigint | null;
}

let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

describe('a sequence of calls', () => {
  it('is settled as docs/money.md says, whatever batches it comes in', { timeout: 240_000 }, async () => {
    const dice = diceOf(seed);
    const tables = tablesOf(dice, 5);
    const stage = await stageWith(tables);
    const told = callsUnder(dice, tables, 2000);
    await loadInBatches(dice, stage, told);

    const history: PastCall[] = [];
    const expected = told.map(({ record, facts, terms: { book }, coming }) => {
      const past = pastOf(coming, history, book);
      const worth = worthOf(facts, book, past);
      history.push({ ...coming, ...amounts(worth) });
      return { call: record.call, past, worth };
    });
    const recorded = await recordedBy(stage);
    for (const { call, past, worth } of expected) {
      const { revenue_reason, payout_reason, ...outcome } = recorded.get(call)!;
      expect(outcome, `${call} after ${inFull(past)}`).toEqual(outcomeOf(worth));
      expect(duplicateOf(revenue_reason)).toBe(worth.converted ? past.billed?.call : undefined);
      expect(duplicateOf(payout_reason)).toBe(worth.payoutRule === null ? undefined : past.paid?.call);
    }
    expect(await stage.balance()).toEqual(balanceOf(history));

    const shown = {
      billed: expected.filter(({ worth }) => worth.revenue > 0n).length,
      billable: expected.filter(({ past, worth }) => past.billed && worth.converted).length,
      payable: expected.filter(({ past, worth }) => past.paid && worth.payoutRule !== null).length,
      cut: cutOf(told, expected),
    };
    for (const [what, times] of Object.entries(shown)) {
      expect(times, `${what}: ${inFull(shown)}`).toBeGreaterThan(50);
    }
  });

  it(
    'replayed under its own terms comes to what it came to, however often',
    { timeout: 240_000 },
    async () => {
      const dice = diceOf(seed + 2);
      const tables = tablesOf(dice, 1);
      const stage = await stageWith(tables);
      const told = callsUnder(dice, tables, 2500);
      await loadInBatches(dice, stage, told);
      const [terms] = tables.values();
      const ends = told.map(({ record }) => record.endedAt);
      const span = [new Date(Math.min(...ends)), new Date(Math.max(...ends) + 1)] as const;
      const balance = await stage.balance();
      const replay = await replayPayouts(stage.db, terms!.book, ...span);
      expect(replay).toMatchObject({ calls: told.length, changed: 0, publishers: [], buyers: [] });
      expect(replay.before.payout).toBeGreaterThan(0n);
      expect(await replayPayouts(stage.db, terms!.book, ...span)).toEqual(replay);
      expect(await stage.balance()).toEqual(balance);

      // Other terms come to other amounts, so that nothing is compared with itself.
      const [others] = tablesOf(diceOf(seed + 3), 1).values();
      expect((await replayPayouts(stage.db, others!.book, ...span)).changed).toBeGreaterThan(50);
    },
  );

  it('is worth what is known once buyers have reported, in any order', { timeout: 240_000 }, async () => {
    const dice = diceOf(seed + 1);
    const tables = new Map([...tablesOf(dice, 6)].map(([hash, terms]) => [hash, payingReports(dice, terms)]));
    const stage = await stageWith(tables);
    stage.now = new Date(Date.UTC(2027, 1, 1));
    const told = callsUnder(dice, tables, 400);
    const history: PastCall[] = [];
    const reports = new Map<Told, Map<string, Reported>>();
    let moved = 0;
    for (const [at, next] of told.entries()) {
      await stage.load(next.record);
      const worth = worthOf(next.facts, next.terms.book, pastOf(next.coming, history, next.terms.book));
      history.push({ ...next.coming, ...amounts(worth) });
      const about = dice.below(at + 1);
      const earlier = told[about];
      if (earlier?.facts.buyer == null || dice.chance(0.3)) continue;

      const key = dice.oneOf(['order-1', 'order-2', 'order-3']);
      const name = dice.oneOf(['sale', 'quote']);
      const amount = dice.chance(0.2) ? null : BigInt(dice.below(20_000)) * 10_000n;
      const known = reports.get(earlier) ?? new Map<string, Reported>();
      reports.set(earlier, known.set(key, { name, amount }));
      const others = history.filter((_, other) => other !== about);
      const { book } = earlier.terms;
      const corrected = worthOf(
        { ...earlier.facts, reported: summed([...known.values()]) },
        book,
        pastOf(earlier.coming, others, book),
      );
      const before = history[about];
      history[about] = { ...earlier.coming, ...amounts(corrected) };
      if (before?.revenue !== corrected.revenue || before.payout !== corrected.payout) moved += 1;
      const answer = await stage.reportConversion({
        ...{ call: earlier.record.call, key, name, by: network, happenedAt: null },
        amount: amount === null ? null : decimal(amount),
      });
      expect(answer.ok, inFull(answer)).toBe(true);
      const { revenue, payout, margin, converted } = await stage.call(earlier.record.call);
      expect({ revenue, payout, margin, converted }, `${earlier.record.call}: ${inFull(answer)}`).toEqual(
        outcomeOf(corrected),
      );
    }
    expect(await stage.balance()).toEqual(balanceOf(history));
    expect(moved).toBeGreaterThan(50);
  });
});

async function stageWith(tables: ReadonlyMap<string, RandomTerms>): Promise<LedgerStage> {
  const { db } = await database.fresh();
  return ledgerStage(db, Object.fromEntries([...tables].map(([hash, { book }]) => [hash, book])));
}

async function loadInBatches(dice: Dice, stage: LedgerStage, told: readonly Told[]): Promise<void> {
  for (let from = 0; from < told.length;) {
    const size = dice.oneOf([1, 2, 5, 40, 200]);
    await stage.load(...told.slice(from, from + size).map(({ record }) => record));
    from += size;
  }
}

async function recordedBy(stage: LedgerStage) {
  const rows = await stage.db
    .selectFrom('calls')
    .select(['id', 'revenue', 'payout', 'margin', 'converted', 'revenue_reason', 'payout_reason'])
    .execute();
  return new Map(rows.map(({ id, ...worth }) => [id, worth]));
}

/** The call that a reason says this one is a duplicate of. */
const duplicateOf = (reason: string): string | undefined => /^duplicate: .* call (\S+), /.exec(reason)?.[1];

const amounts = ({ revenue, payout }: WorthOfCall) => ({ revenue, payout });

const outcomeOf = ({ revenue, payout, margin, converted }: WorthOfCall) => ({
  ...{ revenue, payout, margin, converted },
});

/** As the ledger signs it; accounts at zero are left out. */
function balanceOf(calls: readonly PastCall[]): Readonly<Record<string, bigint>> {
  const sums = new Map<string, bigint>();
  const add = (account: string, amount: bigint) => sums.set(account, (sums.get(account) ?? 0n) + amount);
  for (const { buyer, publisher, revenue, payout } of calls) {
    if (revenue !== 0n) add(`receivable ${buyer}`, revenue);
    add(`payable ${publisher}`, -payout);
    add('margin network', payout - revenue);
  }
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n));
}

function cutOf(
  told: readonly Told[],
  expected: readonly {
    readonly past: Past;
    readonly worth: WorthOfCall;
  }[],
): number {
  return expected.filter(({ past, worth }, at) => {
    const each = told[at];
    if (!each) return false;
    const unbounded: TermsBook = { ...each.terms.book, publishers: new Map() };
    return worthOf(each.facts, unbounded, { ...past, owed: [] }).payout > worth.payout;
  }).length;
}

function summed(reports: readonly Reported[]): ReadonlyMap<string, bigint | null> {
  const names = new Set(reports.map(({ name }) => name));
  return new Map(
    [...names].map((name) => {
      const told = reports.flatMap((report) => (report.name === name ? [report.amount] : []));
      const known = told.filter((amount) => amount !== null);
      return [name, known.length === 0 ? null : known.reduce((sum, amount) => sum + amount, 0n)];
    }),
  );
}

function inFull(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown): unknown => (typeof one === 'bigint' ? `${one}` : one));
}

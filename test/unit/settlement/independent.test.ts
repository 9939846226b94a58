/**
 * The product against an evaluator that was written from docs/money.md alone. INDEPENDENT_CALLS and INDEPENDENT_SEED
 * look further than a run of the tests does.
 */
import { describe, expect, it } from 'vitest';
import { capPeriod } from '../../../src/settlement/cap-period.ts';
import { settle, type Facts, type Past, type Settlement } from '../../../src/settlement/settle.ts';
import type { TermsBook } from '../../../src/settlement/terms.ts';
import { diceOf } from '../../support/dice.ts';
import { worthOf, type WorthOfCall } from '../../support/independent-evaluator.ts';
import { periodName } from '../../support/independent-history.ts';
import { randomFacts, randomPast, randomTerms } from '../../support/random-calls.ts';

const calls = Number(process.env['INDEPENDENT_CALLS'] ?? 1_000_000);
const seed = Number(process.env['INDEPENDENT_SEED'] ?? 20261122);
const callsUnderEachTerms = 50;

describe('the settlement of a call', () => {
  it(`is what docs/money.md says, for ${calls} calls`, { timeout: 600_000 }, () => {
    const dice = diceOf(seed);
    const seen = new Map<string, number>();
    const saw = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    let terms = randomTerms(dice);
    for (let call = 0; call < calls; call++) {
      if (call % callsUnderEachTerms === 0) terms = randomTerms(dice);
      const facts = randomFacts(dice, terms);
      const past = randomPast(dice, facts, terms.book);
      const product = settle(facts, terms.book, past);
      const page = worthOf(facts, terms.book, past);
      if (!agree(product, page)) {
        expect.fail(`call ${call}: ${inFull({ product, page, facts, past, book: terms.book })}`);
      }
      for (const what of whatItShows(page, facts, past, terms.book)) saw(what);
    }
    // A generator that seldom reaches a rule would let anything agree.
    const rare = everyKind.filter((kind) => (seen.get(kind) ?? 0) < calls / 500);
    expect(rare, inFull([...seen])).toEqual([]);
  });

  it('falls in the period of a payout cap that the local calendar names', () => {
    const dice = diceOf(seed);
    for (let pair = 0; pair < 5000; pair++) {
      const timezone = dice.oneOf(zones);
      const per = dice.oneOf(['day', 'week', 'month', 'ever']);
      const at = dice.oneOf(edges) + dice.below(4 * hour) - 2 * hour;
      const other = dice.oneOf([at + dice.below(4 * hour) - 2 * hour, dice.oneOf(edges) + dice.below(hour)]);
      const { from, to } = capPeriod(per, timezone, at);
      const isInIt = other >= from && other < to;
      const isSameName = periodName(per, timezone, at) === periodName(per, timezone, other);
      expect(isInIt, `${per} in ${timezone}: ${inFull([at, other, from, to])}`).toBe(isSameName);
    }
  });
});

const everyKind = [
  ...['flat', 'per_minute', 'tiers', 'rates', 'reported'].map((kind) => `revenue by ${kind}`),
  ...['flat', 'per_minute', 'tiers', 'rates', 'share'].map((kind) => `payout by ${kind}`),
  ...[
    'bid',
    'billable duplicate',
    'payable duplicate',
    'cut by a cap',
    'cut to nothing',
    'no rule',
    'a loss',
  ],
];

/** What a call is an example of, by amounts that are not 0. */
function whatItShows(worth: WorthOfCall, facts: Facts, past: Past, book: TermsBook): readonly string[] {
  const shown: string[] = [];
  const revenue = book.buyers.get(facts.buyer ?? '')?.revenue[worth.revenueRule ?? -1];
  const campaign =
    book.campaigns.get(`${facts.campaign}/${facts.publisher}`) ?? book.campaigns.get(facts.campaign);
  const payout = campaign?.payout[worth.payoutRule ?? -1];
  if (worth.revenue > 0n) shown.push(facts.bid === null ? `revenue by ${revenue?.pays.kind}` : 'bid');
  if (worth.payout > 0n) shown.push(`payout by ${payout?.pays.kind}`);
  if (worth.converted && past.billed) shown.push('billable duplicate');
  if (payout !== undefined && past.paid) shown.push('payable duplicate');
  if (!worth.converted && payout === undefined) shown.push('no rule');
  if (worth.margin < 0n) shown.push('a loss');
  if (
    past.owed.length > 0 &&
    !past.paid &&
    payout?.pays.kind === 'flat' &&
    worth.payout < payout.pays.amount
  ) {
    shown.push(worth.payout === 0n ? 'cut to nothing' : 'cut by a cap');
  }
  return shown;
}

function agree(product: Settlement, page: WorthOfCall): boolean {
  return (
    product.revenue === page.revenue &&
    product.payout === page.payout &&
    product.margin === page.margin &&
    product.converted === page.converted &&
    product.revenueRule === page.revenueRule &&
    product.payoutRule === page.payoutRule
  );
}

const hour = 3_600_000;
const zones = [
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'UTC',
] as const;
/** Around which clocks change, months, weeks and years begin, in one zone or the other. */
const edges = [
  Date.UTC(2026, 2, 8, 7),
  Date.UTC(2026, 10, 1, 6),
  Date.UTC(2026, 10, 1, 4),
  Date.UTC(2026, 10, 2, 5),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 2, 30, 0),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2026, 3, 4, 15),
  Date.UTC(2026, 9, 3, 15, 30),
  Date.UTC(2026, 2, 1, 3, 30),
  Date.UTC(2027, 0, 1, 0),
  Date.UTC(2027, 0, 1, 5),
] as const;

function inFull(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown): unknown => {
    if (typeof one === 'bigint') return `${one}`;
    return one instanceof Map ? Object.fromEntries(one.entries()) : one;
  });
}

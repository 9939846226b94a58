/** What must hold of every settlement, and an evaluator written anew from the documentation to hold it against. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, Condition } from '../../../src/conditions/condition.ts';
import { ledgerEntries } from '../../../src/settlement/ledger-lines.ts';
import { settle, type Duplicates, type Facts } from '../../../src/settlement/settle.ts';
import { termsFromJson, termsToJson } from '../../../src/settlement/terms-json.ts';
import type { PayRule, TermsBook } from '../../../src/settlement/terms.ts';

/** Thresholds around which calls end, a millisecond to either side. */
const thresholds = [30_000, 60_000, 90_000];
const times = fc.oneof(
  fc.constantFrom(...thresholds.flatMap((at) => [at - 1, at, at + 1])),
  fc.integer({ min: 0, max: 200_000 }),
);

const condition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      kind: fc.constant('compare' as const),
      attribute: fc.constantFrom('connected', 'inbound'),
      operator: fc.constantFrom('>=' as const, '<=' as const, '>' as const, '<' as const),
      value: fc.constantFrom(...thresholds),
    }),
    fc.record({
      kind: fc.constant('between' as const),
      attribute: fc.constantFrom('connected', 'ivr.age'),
      from: fc.constantFrom(18, 30_000),
      to: fc.constantFrom(64, 90_000),
    }),
    fc.record({
      kind: fc.constant('is' as const),
      attribute: fc.constantFrom('caller.state', 'ivr.homeowner', 'ivr.age'),
      values: fc.subarray<AttributeValue>(['TX', 'OK', 'yes', 18, '64'], { minLength: 1 }),
    }),
    fc.record({ kind: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('any' as const, 'all' as const),
      conditions: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).condition;

const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
const rule: fc.Arbitrary<PayRule> = fc.record({
  pays: fc.oneof(
    fc.record({ kind: fc.constant('flat' as const), amount }),
    fc.record({ kind: fc.constant('share' as const), ppm: fc.integer({ min: 0, max: 2_000_000 }) }),
  ),
  when: fc.array(condition, { maxLength: 3 }),
});
const rules = fc.array(rule, { maxLength: 4 });
const oncePerCaller = fc.option(fc.nat());

const book: fc.Arbitrary<TermsBook> = fc
  .record({
    minorDigits: fc.constantFrom(0, 2, 3, 6),
    revenue: rules,
    payout: rules,
    own: fc.option(rules, { nil: undefined }),
    oncePerCaller,
  })
  .map(({ minorDigits, revenue, payout, own, oncePerCaller }) => ({
    currency: 'USD',
    minorDigits,
    buyers: new Map([['sunrise', { buyer: 'sunrise', revenue, oncePerCaller }]]),
    campaigns: new Map([
      ['solar', { campaign: 'solar', payout, oncePerCaller }],
      ...(own === undefined
        ? []
        : [['solar/clickwise', { campaign: 'solar', payout: own, oncePerCaller }] as const]),
    ]),
  }));

const facts: fc.Arbitrary<Facts> = fc.record({
  attributes: fc.record(
    {
      'caller.state': fc.constantFrom('TX', 'NM'),
      'ivr.homeowner': fc.constantFrom('yes', 'no'),
      'ivr.age': fc.constantFrom<AttributeValue>('17', '18', 18, '64', 'old', true),
    },
    { requiredKeys: [] },
  ),
  connectedMs: fc.option(times),
  inboundMs: times,
  buyer: fc.constantFrom('sunrise', null, 'stranger'),
  bid: fc.option(amount),
  campaign: fc.constantFrom('solar', 'roofing'),
  publisher: fc.constantFrom('clickwise', 'homeleads'),
});
const duplicates: fc.Arbitrary<Duplicates> = fc.record({ billable: fc.boolean(), payable: fc.boolean() });

/** 1 holds, 0 does not, ½ cannot be told: then `not` is 1 − x, `any` the greatest, `all` the least. */
function degree(condition: Condition, call: Record<string, AttributeValue | null>): number {
  if (condition.kind === 'not') return 1 - degree(condition.condition, call);
  if (condition.kind === 'any') return Math.max(0, ...condition.conditions.map((part) => degree(part, call)));
  if (condition.kind === 'all') return Math.min(1, ...condition.conditions.map((part) => degree(part, call)));
  const seen = call[condition.attribute] ?? null;
  if (seen === null) return 0.5;
  if (condition.kind === 'is') return condition.values.some((value) => `${value}` === `${seen}`) ? 1 : 0;
  const isNumber = typeof seen === 'number' || (typeof seen === 'string' && /^-?\d+(\.\d+)?$/.test(seen));
  if (!isNumber) return 0;
  const number = Number(seen);
  if (condition.kind === 'between') return condition.from <= number && number <= condition.to ? 1 : 0;
  const { operator, value } = condition;
  if (number === value) return operator.endsWith('=') ? 1 : 0;
  return operator.startsWith('>') === number > value ? 1 : 0;
}

/** Half to even, by the remainder of a division towards zero of amounts that are never negative. */
function toMinor(exact: bigint, per: bigint, minorDigits: number): bigint {
  const unit = per * 10n ** BigInt(6 - minorDigits);
  const rest = exact % unit;
  const whole = exact / unit;
  const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n);
  return (whole + (up ? 1n : 0n)) * 10n ** BigInt(6 - minorDigits);
}

/** JSON has no bigint. */
const plain = ({ bid, ...facts }: Facts) => ({ ...facts, bid: bid?.toString() });

function worth(
  rules: readonly PayRule[],
  call: Record<string, AttributeValue | null>,
  revenue: bigint,
  minor: number,
) {
  const held = rules.find(({ when }) => when.every((condition) => degree(condition, call) === 1));
  if (held === undefined) return null;
  return held.pays.kind === 'flat'
    ? toMinor(held.pays.amount, 1n, minor)
    : toMinor(revenue * BigInt(held.pays.ppm), 1_000_000n, minor);
}

function documented(facts: Facts, book: TermsBook, duplicates: Duplicates) {
  const call = { ...facts.attributes, connected: facts.connectedMs, inbound: facts.inboundMs };
  const terms = facts.buyer === null ? undefined : book.buyers.get(facts.buyer);
  const byRule = worth(terms?.revenue ?? [], call, 0n, book.minorDigits);
  const bid = facts.bid === null ? null : toMinor(facts.bid, 1n, book.minorDigits);
  const earned = byRule === null ? null : (bid ?? byRule);
  const revenue = duplicates.billable ? 0n : (earned ?? 0n);
  const own =
    book.campaigns.get(`${facts.campaign}/${facts.publisher}`) ?? book.campaigns.get(facts.campaign);
  const paid = worth(own?.payout ?? [], call, revenue, book.minorDigits);
  return { revenue, payout: duplicates.payable ? 0n : (paid ?? 0n), converted: earned !== null };
}

describe('every settlement', () => {
  it('agrees with an evaluator written from the documentation', () => {
    fc.assert(
      fc.property(facts, book, duplicates, (facts, book, duplicates) => {
        const { revenue, payout, converted } = settle(facts, book, duplicates);
        expect({ revenue, payout, converted }).toEqual(documented(facts, book, duplicates));
      }),
      { numRuns: 10_000 },
    );
  });

  it('keeps revenue = payout + margin, in whole minor units, balanced in the ledger', () => {
    fc.assert(
      fc.property(facts, book, duplicates, (facts, book, duplicates) => {
        const settlement = settle(facts, book, duplicates);
        const { revenue, payout, margin } = settlement;
        expect(payout + margin).toBe(revenue);
        const unit = 10n ** BigInt(6 - book.minorDigits);
        expect([revenue % unit, payout % unit, margin % unit]).toEqual([0n, 0n, 0n]);
        const lines = ledgerEntries(settlement, facts);
        expect(lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
      }),
    );
  });

  it('says why, on one line, and names no rule where none held', () => {
    fc.assert(
      fc.property(facts, book, duplicates, (facts, book, duplicates) => {
        const settlement = settle(facts, book, duplicates);
        for (const reason of [settlement.revenueReason, settlement.payoutReason])
          expect(reason).toMatch(/^[\w(].*$/);
        if (settlement.revenueRule === null) expect(settlement.revenue).toBe(0n);
        if (settlement.payoutRule === null) expect(settlement.payout).toBe(0n);
      }),
    );
  });

  it('pays the bid or nothing to whom a bid was made, whatever the amounts of the rules', () => {
    fc.assert(
      fc.property(facts, book, duplicates, amount, (facts, book, duplicates, bid) => {
        const byRules = settle({ ...facts, bid: null }, book, duplicates);
        const byBid = settle({ ...facts, bid }, book, duplicates);
        expect([byBid.converted, byBid.revenueRule]).toEqual([byRules.converted, byRules.revenueRule]);
        const pays = byRules.converted && !duplicates.billable;
        expect(byBid.revenue).toBe(pays ? toMinor(bid, 1n, book.minorDigits) : 0n);
        expect(byBid.revenueReason.startsWith('bid ')).toBe(pays);
      }),
    );
  });

  it('changes nothing and depends on nothing but what it is given', () => {
    fc.assert(
      fc.property(facts, book, duplicates, (facts, book, duplicates) => {
        const before = JSON.stringify([plain(facts), termsToJson(book)]);
        const first = settle(facts, book, duplicates);
        expect(settle(structuredClone(facts), structuredClone(book), { ...duplicates })).toEqual(first);
        expect(JSON.stringify([plain(facts), termsToJson(book)])).toBe(before);
      }),
    );
  });
});

describe('terms as JSON', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(book, (book) => {
        const text = JSON.stringify(termsToJson(book));
        expect(termsFromJson(JSON.parse(text))).toEqual({ ok: true, book });
      }),
    );
  });

  it('keep an entry by any name', () => {
    const odd = '__proto__';
    const book: TermsBook = {
      currency: 'USD',
      minorDigits: 2,
      buyers: new Map([[odd, { buyer: odd, revenue: [], oncePerCaller: null }]]),
      campaigns: new Map(),
    };
    const read = termsFromJson(JSON.parse(JSON.stringify(termsToJson(book))));
    expect(read.ok && read.book.buyers.get(odd)?.buyer).toBe(odd);
  });

  it('of another version, of another shape or damaged are refused with a reason', () => {
    expect(termsFromJson({ version: 2 })).toMatchObject({
      ok: false,
      message: expect.stringContaining('version'),
    });
    fc.assert(
      fc.property(fc.anything(), (json) => {
        expect(termsFromJson(json).ok).toBe(false);
      }),
    );
  });
});

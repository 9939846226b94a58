/** What must hold of every settlement, and an evaluator written anew from the documentation to hold it against. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, Condition } from '../../../src/conditions/condition.ts';
import { corrections, ledgerEntries, type LedgerLine } from '../../../src/settlement/ledger-lines.ts';
import { afterDispute } from '../../../src/settlement/dispute.ts';
import { formatMoney, parseMoney } from '../../../src/settlement/money.ts';
import { reportedBy } from '../../../src/settlement/reported.ts';
import { roundings, type Rounding } from '../../../src/settlement/rounding.ts';
import { settle, type Facts, type Past } from '../../../src/settlement/settle.ts';
import { termsFromJson, termsToJson } from '../../../src/settlement/terms-json.ts';
import type { PayoutCap, PayRule, Pays, TermsBook } from '../../../src/settlement/terms.ts';

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
      attribute: fc.constantFrom('caller.state', 'ivr.homeowner', 'ivr.age', 'reported.sale'),
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
const ppm = fc.integer({ min: 0, max: 2_000_000 });
const round = fc.constantFrom(...roundings);
const of = fc.constantFrom('connected' as const, 'inbound' as const);
const increment = fc.constantFrom(1_000, 6_000, 30_000, 60_000);
const rate = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 7n }), amount);
const byTime = { of, first: increment, then: increment, round };
/** In rising order, from some of the thresholds. */
const froms = fc.subarray([0, ...thresholds, 150_000], { minLength: 1 });
const pays: fc.Arbitrary<Pays> = fc.oneof(
  fc.record({ kind: fc.constant('flat' as const), amount }),
  fc.record({ kind: fc.constant('share' as const), ppm, round }),
  fc.record({ kind: fc.constant('per_minute' as const), rate, ...byTime }),
  fc.record({
    kind: fc.constant('tiers' as const),
    of,
    tiers: froms.chain((all) => fc.tuple(...all.map((from) => amount.map((amount) => ({ from, amount }))))),
  }),
  fc.record({
    kind: fc.constant('rates' as const),
    tiers: froms.chain((all) =>
      fc.tuple(...[0, ...all.filter((from) => from > 0)].map((from) => rate.map((rate) => ({ from, rate })))),
    ),
    ...byTime,
  }),
  fc.record({ kind: fc.constant('reported' as const), name: fc.constantFrom('sale', 'quote'), ppm, round }),
);
const rule: fc.Arbitrary<PayRule> = fc.record({ pays, when: fc.array(condition, { maxLength: 3 }) });
const rules = fc.array(rule, { maxLength: 4 });
const oncePerCaller = fc.option(fc.nat());

const cap: fc.Arbitrary<PayoutCap> = fc.record({
  limit: fc.bigInt({ min: 0n, max: 10n ** 6n }).map((units) => units * 1_000_000n),
  per: fc.constantFrom('day', 'week', 'month', 'ever'),
  campaign: fc.constantFrom(null, 'solar', 'roofing'),
});
const disputes = fc.record({
  within: fc.option(fc.nat()),
  payout: fc.constantFrom('reverse' as const, 'keep' as const),
});

const book: fc.Arbitrary<TermsBook> = fc
  .record({
    minorDigits: fc.constantFrom(0, 2, 3, 6),
    revenue: rules,
    payout: rules,
    own: fc.option(rules, { nil: undefined }),
    oncePerCaller,
    disputes,
    hold: fc.nat(),
    caps: fc.array(cap, { maxLength: 3 }),
  })
  .map(({ minorDigits, revenue, payout, own, oncePerCaller, disputes, hold, caps }) => ({
    currency: 'USD',
    minorDigits,
    timezone: 'America/New_York',
    hold,
    buyers: new Map([['sunrise', { buyer: 'sunrise', revenue, oncePerCaller }]]),
    campaigns: new Map([
      ['solar', { campaign: 'solar', payout, oncePerCaller, disputes }],
      ...(own === undefined
        ? []
        : [['solar/clickwise', { campaign: 'solar', payout: own, oncePerCaller, disputes }] as const]),
    ]),
    publishers: new Map([['clickwise', { publisher: 'clickwise', hold, caps }]]),
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
  isAcknowledged: fc.constant(true),
  buyer: fc.constantFrom('sunrise', null, 'stranger'),
  bid: fc.option(amount),
  campaign: fc.constantFrom('solar', 'roofing'),
  publisher: fc.constantFrom('clickwise', 'homeleads'),
  endedAt: fc.nat(),
  reported: fc
    .dictionary(fc.constantFrom('sale', 'quote'), fc.option(amount), { noNullPrototype: true })
    .map((named) => new Map(Object.entries(named))),
});
const another = fc.option(fc.record({ call: fc.uuid(), before: fc.integer() }));
const past: fc.Arbitrary<Past> = fc.record({
  billed: another,
  paid: another,
  owed: fc.tuple(
    ...[1, 2, 3].map(() => fc.nat({ max: 1_200_000 }).map((units) => BigInt(units) * 1_000_000n)),
  ),
});

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

/** A quotient of amounts that are never negative, by its distance to the minor unit below and above. */
function toMinor(exact: bigint, per: bigint, minorDigits: number, round: Rounding = 'half_even'): bigint {
  const unit = 10n ** BigInt(6 - minorDigits);
  const below = exact / (per * unit);
  const [down, up] = [exact - below * per * unit, (below + 1n) * per * unit - exact];
  const nearest = down < up ? below : up < down ? below + 1n : null;
  const rounded = {
    half_even: nearest ?? below + (below % 2n),
    half_up: nearest ?? below + 1n,
    down: below,
    up: down === 0n ? below : below + 1n,
  };
  return rounded[round] * unit;
}

/** JSON has no bigint and no Map. */
const plain = ({ bid, reported, ...facts }: Facts) => ({
  ...facts,
  bid: bid?.toString(),
  reported: [...reported].map(([name, amount]) => [name, amount?.toString()]),
});

/** Null where there is nothing to pay by. */
function paidBy(pays: Pays, facts: Facts, revenue: bigint, minor: number): bigint | null {
  if (pays.kind === 'flat') return toMinor(pays.amount, 1n, minor);
  if (pays.kind === 'share') return toMinor(revenue * BigInt(pays.ppm), 1_000_000n, minor, pays.round);
  if (pays.kind === 'reported') {
    const amount = facts.reported.get(pays.name) ?? null;
    return amount === null ? null : toMinor(amount * BigInt(pays.ppm), 1_000_000n, minor, pays.round);
  }
  const time = pays.of === 'inbound' ? facts.inboundMs : (facts.connectedMs ?? 0);
  if (time === 0) return null;
  if (pays.kind === 'tiers') {
    const reached = pays.tiers.filter(({ from }) => from <= time).at(-1);
    return reached === undefined ? null : toMinor(reached.amount, 1n, minor);
  }
  let billed = pays.first;
  while (billed < time) billed += pays.then;
  const tiers = pays.kind === 'rates' ? pays.tiers : [{ from: 0, rate: pays.rate }];
  // The first rate for all of it; each later one changes what is beyond its beginning.
  const exact = tiers.reduce((sum, { from, rate }, index) => {
    const instead = rate - (tiers[index - 1]?.rate ?? 0n);
    return sum + BigInt(Math.max(0, billed - from)) * instead;
  }, 0n);
  return toMinor(exact, 60_000n, minor, pays.round);
}

function worth(
  rules: readonly PayRule[],
  call: Record<string, AttributeValue | null>,
  facts: Facts,
  revenue: bigint,
  minor: number,
) {
  for (const { pays, when } of rules) {
    if (!when.every((condition) => degree(condition, call) === 1)) continue;
    const amount = paidBy(pays, facts, revenue, minor);
    if (amount !== null) return amount;
  }
  return null;
}

function documented(facts: Facts, book: TermsBook, past: Past) {
  const call = {
    ...facts.attributes,
    connected: facts.connectedMs,
    inbound: facts.inboundMs,
    'reported.sale': facts.reported.has('sale') ? 'yes' : null,
  };
  const terms = facts.buyer === null ? undefined : book.buyers.get(facts.buyer);
  const byRule = worth(terms?.revenue ?? [], call, facts, 0n, book.minorDigits);
  const bid = facts.bid === null ? null : toMinor(facts.bid, 1n, book.minorDigits);
  const earned = byRule === null ? null : (bid ?? byRule);
  const revenue = past.billed !== null ? 0n : (earned ?? 0n);
  const own =
    book.campaigns.get(`${facts.campaign}/${facts.publisher}`) ?? book.campaigns.get(facts.campaign);
  let payout = worth(own?.payout ?? [], call, facts, revenue, book.minorDigits) ?? 0n;
  if (past.paid !== null) payout = 0n;
  book.publishers.get(facts.publisher)?.caps.forEach(({ limit, campaign }, index) => {
    if (campaign !== null && campaign !== facts.campaign) return;
    const left = limit - past.owed[index]!;
    if (payout > left) payout = left > 0n ? left : 0n;
  });
  return { revenue, payout, converted: earned !== null };
}

describe('every settlement', () => {
  it('agrees with an evaluator written from the documentation', () => {
    fc.assert(
      fc.property(facts, book, past, (facts, book, past) => {
        const { revenue, payout, converted } = settle(facts, book, past);
        expect({ revenue, payout, converted }).toEqual(documented(facts, book, past));
      }),
      { numRuns: 10_000 },
    );
  });

  it('keeps revenue = payout + margin, in whole minor units, balanced in the ledger', () => {
    fc.assert(
      fc.property(facts, book, past, (facts, book, past) => {
        const settlement = settle(facts, book, past);
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
      fc.property(facts, book, past, (facts, book, past) => {
        const settlement = settle(facts, book, past);
        for (const reason of [settlement.revenueReason, settlement.payoutReason])
          expect(reason).toMatch(/^[\w(].*$/);
        if (settlement.revenueRule === null) expect(settlement.revenue).toBe(0n);
        if (settlement.payoutRule === null) expect(settlement.payout).toBe(0n);
      }),
    );
  });

  it('pays the bid or nothing to whom a bid was made, whatever the amounts of the rules', () => {
    fc.assert(
      fc.property(facts, book, past, amount, (facts, book, past, bid) => {
        const byRules = settle({ ...facts, bid: null }, book, past);
        const byBid = settle({ ...facts, bid }, book, past);
        expect([byBid.converted, byBid.revenueRule]).toEqual([byRules.converted, byRules.revenueRule]);
        const pays = byRules.converted && past.billed === null;
        expect(byBid.revenue).toBe(pays ? toMinor(bid, 1n, book.minorDigits) : 0n);
        expect(byBid.revenueReason.startsWith('bid ')).toBe(pays);
      }),
    );
  });

  it('changes nothing and depends on nothing but what it is given', () => {
    fc.assert(
      fc.property(facts, book, past, (facts, book, past) => {
        const before = JSON.stringify([plain(facts), termsToJson(book)]);
        const first = settle(facts, book, past);
        expect(settle(structuredClone(facts), structuredClone(book), { ...past })).toEqual(first);
        expect(JSON.stringify([plain(facts), termsToJson(book)])).toBe(before);
      }),
    );
  });
});

describe('what was reported', () => {
  const report = fc.record({ name: fc.constantFrom('sale', 'quote'), amount: fc.option(amount) });
  const reportsInTwoOrders = fc
    .array(report, { maxLength: 6 })
    .chain((told) =>
      fc.tuple(
        fc.constant(told),
        fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length }),
      ),
    );

  it('comes to the same in whatever order it arrived', () => {
    fc.assert(
      fc.property(facts, book, past, reportsInTwoOrders, (facts, book, past, [told, shuffled]) => {
        const first = settle({ ...facts, reported: reportedBy(told) }, book, past);
        expect(settle({ ...facts, reported: reportedBy(shuffled) }, book, past)).toEqual(first);
      }),
    );
  });
});

const free: Past = { billed: null, paid: null, owed: [0n, 0n, 0n] };

describe('amounts', () => {
  it('by time never fall as the call lasts longer, where no later rate is below 0', () => {
    const timed = pays.filter(({ kind }) => kind === 'per_minute' || kind === 'rates');
    fc.assert(
      fc.property(timed, facts, fc.nat({ max: 100_000 }), (pays, facts, more) => {
        const of = (extra: number) =>
          paid(pays, {
            ...facts,
            connectedMs: (facts.connectedMs ?? 0) + extra,
            inboundMs: facts.inboundMs + extra,
          });
        expect(of(more)).toBeGreaterThanOrEqual(of(0));
      }),
    );
  });

  it('are rounded by less than a minor unit: up and down around all others', () => {
    fc.assert(
      fc.property(pays, facts, (pays, facts) => {
        if (!('round' in pays) || pays.kind === 'share') return;
        const by = (round: Rounding) => paid({ ...pays, round }, facts);
        const [down, up] = [by('down'), by('up')];
        expect([0n, 10_000n]).toContain(up - down);
        for (const round of roundings) expect([down, up]).toContain(by(round));
      }),
    );
  });

  it('print and are read again without loss', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
        fc.nat({ max: 6 }),
        (money, digits) => {
          expect(parseMoney(formatMoney(money, digits))).toBe(money);
        },
      ),
    );
  });

  /** What the buyer would pay by this rule alone, in cents. */
  function paid(pays: Pays, facts: Facts): bigint {
    const book: TermsBook = {
      currency: 'USD',
      minorDigits: 2,
      timezone: 'UTC',
      hold: 0,
      buyers: new Map([
        ['sunrise', { buyer: 'sunrise', revenue: [{ pays, when: [] }], oncePerCaller: null }],
      ]),
      campaigns: new Map(),
      publishers: new Map(),
    };
    return settle({ ...facts, buyer: 'sunrise', bid: null }, book, free).revenue;
  }
});

describe('corrections', () => {
  const sums = (lines: readonly LedgerLine[]) => {
    const sums = new Map<string, bigint>();
    for (const { account, party, amount } of lines) {
      sums.set(`${account}/${party}`, (sums.get(`${account}/${party}`) ?? 0n) + amount);
    }
    return new Map([...sums].filter(([, sum]) => sum !== 0n).sort());
  };

  it('bring the ledger from whatever stands to what is known now, balanced', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 2, maxLength: 5 }), book, past, (versions, book, past) => {
        const standing: LedgerLine[] = [];
        for (const facts of versions) {
          const now = ledgerEntries(settle(facts, book, past), facts);
          const posting = corrections(standing, now);
          expect(posting.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
          expect(posting.every(({ amount }) => amount !== 0n)).toBe(true);
          standing.push(...posting);
          expect(sums(standing)).toEqual(sums(now));
          expect(corrections(standing, now)).toEqual([]);
        }
      }),
    );
  });

  it('of a dispute take back revenue and payout alike; accepted as a whole, both are nothing', () => {
    fc.assert(
      fc.property(facts, book, fc.nat({ max: 100 }), (facts, book, percent) => {
        const { revenue, payout } = settle(facts, book, free);
        const { minorDigits } = book;
        const remains = toMinor(revenue * BigInt(percent), 100n, minorDigits, 'down');
        const part = afterDispute({ revenue, payout }, remains, 'reverse', minorDigits);
        const share = remains === 0n ? payout : toMinor(payout * (revenue - remains), revenue, minorDigits);
        expect(part).toEqual({ revenue: remains, payout: payout - share });
        expect(afterDispute({ revenue, payout }, remains, 'keep', minorDigits).payout).toBe(payout);
        expect(afterDispute({ revenue, payout }, 0n, 'reverse', minorDigits)).toEqual({
          revenue: 0n,
          payout: 0n,
        });
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

  it('of version 1 are still read', () => {
    const pays = [
      { kind: 'flat', amount: '45' },
      { kind: 'share', ppm: 600_000 },
    ].map((pays) => ({ pays, when: [] }));
    const old = {
      version: 1,
      currency: 'USD',
      minorDigits: 2,
      buyers: [{ key: 'sunrise', terms: { buyer: 'sunrise', revenue: [pays[0]], oncePerCaller: 5 } }],
      campaigns: [{ key: 'solar', terms: { campaign: 'solar', payout: pays, oncePerCaller: null } }],
    };
    const flat = { pays: { kind: 'flat', amount: 45_000_000n }, when: [] };
    const share = { pays: { kind: 'share', ppm: 600_000, round: 'half_even' }, when: [] };
    const disputes = { within: null, payout: 'reverse' };
    expect(termsFromJson(old)).toEqual({
      ok: true,
      book: {
        ...{ currency: 'USD', minorDigits: 2, timezone: 'UTC', hold: 0 },
        buyers: new Map([['sunrise', { buyer: 'sunrise', revenue: [flat], oncePerCaller: 5 }]]),
        campaigns: new Map([
          ['solar', { campaign: 'solar', payout: [flat, share], oncePerCaller: null, disputes }],
        ]),
        publishers: new Map(),
      },
    });
  });

  it('keep an entry by any name', () => {
    const odd = '__proto__';
    const book: TermsBook = {
      currency: 'USD',
      minorDigits: 2,
      timezone: 'UTC',
      hold: 0,
      buyers: new Map([[odd, { buyer: odd, revenue: [], oncePerCaller: null }]]),
      campaigns: new Map(),
      publishers: new Map(),
    };
    const read = termsFromJson(JSON.parse(JSON.stringify(termsToJson(book))));
    expect(read.ok && read.book.buyers.get(odd)?.buyer).toBe(odd);
  });

  it('of another version, of another shape or damaged are refused with a reason', () => {
    expect(termsFromJson({ version: 3 })).toMatchObject({
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

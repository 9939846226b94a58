/** Each form of pay, a millisecond to either side of where its amount changes, with the reason that it gives. */
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { parseConditions } from '../../../src/conditions/parse.ts';
import { formatMoney } from '../../../src/settlement/money.ts';
import { reportedBy } from '../../../src/settlement/reported.ts';
import { settle, type Facts, type Past, type Settlement } from '../../../src/settlement/settle.ts';
import type { Pays, PayoutCap, PayRule, TermsBook } from '../../../src/settlement/terms.ts';

const usd = (units: number): bigint => BigInt(Math.round(units * 1_000_000));
const seconds = (count: number): number => count * 1_000;
const byTime = { of: 'connected', first: 1_000, then: 1_000, round: 'half_even' } as const;

interface Given {
  readonly pays?: Pays;
  readonly when?: Record<string, unknown>;
  readonly rules?: readonly PayRule[];
  readonly payout?: Pays;
  readonly caps?: readonly PayoutCap[];
  readonly minorDigits?: number;
}

function when(map: Record<string, unknown>): readonly Condition[] {
  const parsed = parseConditions(map);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.conditions;
}

function bookOf(given: Given): TermsBook {
  const pays: Pays = given.pays ?? { kind: 'flat', amount: usd(100) };
  const payout: Pays = given.payout ?? { kind: 'share', ppm: 500_000, round: 'half_even' };
  const disputes = { within: null, payout: 'reverse' } as const;
  return {
    currency: 'USD',
    minorDigits: given.minorDigits ?? 2,
    timezone: 'America/New_York',
    hold: 0,
    buyers: new Map([
      [
        'sunrise',
        {
          buyer: 'sunrise',
          revenue: given.rules ?? [{ pays, when: when(given.when ?? {}) }],
          oncePerCaller: null,
        },
      ],
    ]),
    campaigns: new Map([
      ['solar', { campaign: 'solar', payout: [{ pays: payout, when: [] }], oncePerCaller: null, disputes }],
    ]),
    publishers: new Map([['clickwise', { publisher: 'clickwise', hold: 0, caps: given.caps ?? [] }]]),
  };
}

const earlier = { call: '0198-a', before: 3 * 86_400_000 };

function settled(given: Given, facts: Partial<Facts> = {}, past: Partial<Past> = {}): Settlement {
  const all: Facts = {
    attributes: {},
    connectedMs: 95_120,
    inboundMs: 120_000,
    isAcknowledged: true,
    buyer: 'sunrise',
    bid: null,
    campaign: 'solar',
    publisher: 'clickwise',
    endedAt: 0,
    reported: new Map(),
    ...facts,
  };
  return settle(all, bookOf(given), { billed: null, paid: null, owed: [], ...past });
}

const revenue = (given: Given, connectedMs: number | null): string =>
  formatMoney(settled(given, { connectedMs }).revenue);

describe('by the minute', () => {
  const sixSix: Pays = { ...byTime, kind: 'per_minute', rate: usd(1.2), first: seconds(6), then: seconds(6) };

  it.each([
    [1, '0.12'],
    [5_999, '0.12'],
    [6_000, '0.12'],
    [6_001, '0.24'],
    [11_999, '0.24'],
    [12_000, '0.24'],
    [12_001, '0.36'],
    [59_999, '1.20'],
    [60_000, '1.20'],
    [60_001, '1.32'],
  ])('1.20 in 6/6: %i ms cost %s', (ms, amount) => expect(revenue({ pays: sixSix }, ms)).toBe(amount));

  it.each([
    [1, '0.50'],
    [29_999, '0.50'],
    [30_000, '0.50'],
    [30_001, '0.60'],
    [36_000, '0.60'],
    [36_001, '0.70'],
  ])('1.00 in 30/6: %i ms cost %s', (ms, amount) => {
    const pays: Pays = { ...byTime, kind: 'per_minute', rate: usd(1), first: seconds(30), then: seconds(6) };
    expect(revenue({ pays }, ms)).toBe(amount);
  });

  it('does not bill no time, and asks the next rule then', () => {
    for (const connectedMs of [0, null]) {
      expect(settled({ pays: sixSix }, { connectedMs })).toMatchObject({ revenue: 0n, converted: false });
    }
    const rules: PayRule[] = [
      { pays: sixSix, when: [] },
      { pays: { kind: 'flat', amount: usd(0.05) }, when: [] },
    ];
    expect(settled({ rules }, { connectedMs: 0 })).toMatchObject({ revenue: usd(0.05), revenueRule: 1 });
    expect(settled({ rules }, { connectedMs: 1 })).toMatchObject({ revenue: usd(0.12), revenueRule: 0 });
  });

  it('counts inbound time where it says so', () => {
    const pays: Pays = { ...sixSix, of: 'inbound' };
    expect(settled({ pays }, { connectedMs: null, inboundMs: 6_001 })).toMatchObject({
      revenue: usd(0.24),
      revenueReason: 'inbound 6.001 s: billed 12 s at 1.20 a minute',
    });
    expect(settled({ pays }, { inboundMs: 0 }).revenueReason).toBe('inbound 0 s, needs more than 0 s');
  });

  it('says what it billed, and what it lacked', () => {
    const given = { pays: sixSix, when: { connected: '>= 90s' } };
    expect(settled(given).revenueReason).toBe(
      'connected 95.12 s: billed 96 s at 1.20 a minute, connected at least 90 s',
    );
    expect(settled(given, { connectedMs: 88_412 }).revenueReason).toBe('connected 88.412 s, needs 90 s');
    expect(settled({ pays: sixSix }, { connectedMs: null }).revenueReason).toBe(
      'never connected, needs more than 0 s',
    );
  });

  it('is exact until it is rounded, once', () => {
    // 7 s of 0.0125 a minute: 0.001458333…; 24 h of it: 18.00.
    const fine: Pays = { ...byTime, kind: 'per_minute', rate: 12_500n };
    expect(settled({ pays: fine, minorDigits: 6 }, { connectedMs: 7_000 }).revenue).toBe(1_458n);
    expect(revenue({ pays: fine }, 86_400_000)).toBe('18.00');
  });
});

describe('rounding', () => {
  it.each([
    // 0.125, 0.375 and 0.1234 of a revenue of 1.00.
    ['half_even', ['0.12', '0.38', '0.12']],
    ['half_up', ['0.13', '0.38', '0.12']],
    ['down', ['0.12', '0.37', '0.12']],
    ['up', ['0.13', '0.38', '0.13']],
  ] as const)('%s', (round, expected) => {
    const payouts = [125_000, 375_000, 123_400].map((ppm) => {
      const given: Given = { pays: { kind: 'flat', amount: usd(1) }, payout: { kind: 'share', ppm, round } };
      return formatMoney(settled(given).payout);
    });
    expect(payouts).toEqual(expected);
    // By time as a share is: 7.5 s at 1.00 a minute are 0.125.
    const pays: Pays = { kind: 'per_minute', rate: usd(1), of: 'connected', first: 7_500, then: 1, round };
    expect(revenue({ pays }, 7_500)).toBe(expected[0]);
  });
});

describe('tiers of amounts', () => {
  const pays: Pays = {
    kind: 'tiers',
    of: 'connected',
    tiers: [
      { from: 30_000, amount: usd(5) },
      { from: 90_000, amount: usd(20) },
    ],
  };

  it.each([
    [29_999, '0.00'],
    [30_000, '5.00'],
    [30_001, '5.00'],
    [89_999, '5.00'],
    [90_000, '20.00'],
    [90_001, '20.00'],
  ])('%i ms: %s', (ms, amount) => expect(revenue({ pays }, ms)).toBe(amount));

  it('of which none is reached, the rule does not hold', () => {
    expect(settled({ pays }, { connectedMs: 12_000 })).toMatchObject({
      converted: false,
      revenueReason: 'connected 12 s, needs 30 s',
    });
    expect(settled({ pays }).revenueReason).toBe('connected 95.12 s: 20.00 from 90 s on');
  });

  it('from 0s on need some time all the same', () => {
    const atOnce: Pays = { ...pays, tiers: [{ from: 0, amount: usd(1) }] };
    expect(revenue({ pays: atOnce }, 1)).toBe('1.00');
    expect(settled({ pays: atOnce }, { connectedMs: 0 })).toMatchObject({ revenue: 0n, converted: false });
  });
});

describe('tiers of rates', () => {
  const tiers = [
    { from: 0, rate: usd(1) },
    { from: 300_000, rate: usd(0.5) },
  ];
  const minutes: Pays = { ...byTime, kind: 'rates', tiers, first: seconds(60), then: seconds(60) };

  it.each([
    [1, '1.00'],
    [60_000, '1.00'],
    [60_001, '2.00'],
    [299_999, '5.00'],
    [300_000, '5.00'],
    [300_001, '5.50'],
    [360_000, '5.50'],
    [360_001, '6.00'],
  ])('1.00, from 5m on 0.50, in 60/60: %i ms cost %s', (ms, amount) =>
    expect(revenue({ pays: minutes }, ms)).toBe(amount),
  );

  it('tell each stretch, and cut the billed time, not the time', () => {
    expect(settled({ pays: minutes }, { connectedMs: 301_000 }).revenueReason).toBe(
      'connected 301 s: billed 300 s at 1.00 a minute and 60 s at 0.50 a minute',
    );
    // Billed 90 s of 61: 60 at 1.00 and 30 at 0.50.
    const pays: Pays = {
      ...byTime,
      kind: 'rates',
      tiers: [
        { from: 0, rate: usd(1) },
        { from: 60_000, rate: usd(0.5) },
      ],
      first: seconds(30),
      then: seconds(30),
    };
    expect(revenue({ pays }, 61_000)).toBe('1.25');
  });

  it('are added before they are rounded', () => {
    const thirds: Pays = {
      ...byTime,
      kind: 'rates',
      tiers: [
        { from: 0, rate: usd(0.01) },
        { from: 20_000, rate: usd(0.01) },
        { from: 40_000, rate: usd(0.01) },
      ],
    };
    // Each 0.00333…; none alone would be a cent.
    expect(revenue({ pays: thirds }, 60_000)).toBe('0.01');
  });
});

describe('what the buyer reports', () => {
  const sale: Pays = { kind: 'reported', name: 'sale', ppm: 1_000_000, round: 'half_even' };
  const reported = (...amounts: (number | null)[]) => ({
    reported: reportedBy(
      amounts.map((units) => ({ name: 'sale', amount: units === null ? null : usd(units) })),
    ),
  });

  it('is nothing until it is reported, then its amount or a share of it', () => {
    expect(settled({ pays: sale })).toMatchObject({
      revenue: 0n,
      converted: false,
      revenueReason: 'sale not reported',
      payoutReason: 'a share of no revenue',
    });
    expect(settled({ pays: sale }, reported(120))).toMatchObject({
      revenue: usd(120),
      payout: usd(60),
      revenueReason: 'connected 95.12 s: sale reported at 120.00',
      payoutReason: 'connected 95.12 s: 50% of the revenue of this call',
    });
    expect(settled({ pays: { ...sale, ppm: 100_000 } }, reported(120.05))).toMatchObject({
      revenue: usd(12),
      revenueReason: 'connected 95.12 s: 10% of sale reported at 120.05',
    });
  });

  it('adds up where it was reported more than once', () => {
    expect(settled({ pays: sale }, reported(100, 20)).revenue).toBe(usd(120));
    expect(settled({ pays: sale }, reported(null, 20)).revenue).toBe(usd(20));
    expect(settled({ pays: sale }, reported(0))).toMatchObject({ revenue: 0n, converted: true });
  });

  it('without an amount leaves the rule out, and can be asked for', () => {
    expect(settled({ pays: sale }, reported(null))).toMatchObject({
      converted: false,
      revenueReason: 'sale reported without an amount',
    });
    const rules: PayRule[] = [
      { pays: sale, when: [] },
      { pays: { kind: 'flat', amount: usd(20) }, when: when({ 'reported.sale': 'yes' }) },
    ];
    expect(settled({ rules }, reported(null))).toMatchObject({ revenue: usd(20), revenueRule: 1 });
    expect(settled({ rules }, reported(7))).toMatchObject({ revenue: usd(7), revenueRule: 0 });
    expect(settled({ rules })).toMatchObject({
      revenue: 0n,
      revenueReason: 'sale not reported (rule 1 of 2)',
    });
  });

  it('cannot be passed off by an attribute of the call', () => {
    const flat: Given = { when: { 'reported.sale': 'yes' } };
    expect(settled(flat, { attributes: { 'reported.sale': 'yes' } })).toMatchObject({
      converted: false,
      revenueReason: 'sale not reported',
    });
    expect(settled(flat, reported(null))).toMatchObject({ revenue: usd(100), converted: true });
  });
});

describe('payout caps', () => {
  const month: PayoutCap = { limit: usd(5_000), per: 'month', campaign: null };
  const given: Given = { pays: { kind: 'flat', amount: usd(60) }, caps: [month] };

  it.each([
    ['4969.99', '30.00'],
    ['4970.00', '30.00'],
    ['4970.01', '29.99'],
    ['4987.50', '12.50'],
    ['4999.99', '0.01'],
    ['5000.00', '0.00'],
    ['5000.01', '0.00'],
  ])('of 5000.00 with %s paid: 30.00 becomes %s', (owed, left) => {
    const { payout, margin, revenue } = settled(given, {}, { owed: [usd(Number(owed))] });
    expect([formatMoney(payout), payout + margin]).toEqual([left, revenue]);
  });

  it('say so, and why there was something to cut', () => {
    expect(settled(given, {}, { owed: [usd(4_987.5)] })).toMatchObject({
      payoutRule: 0,
      payoutReason:
        'payout cap 5000.00 a month: 12.50 left of 30.00, connected 95.12 s: 50% of the revenue of this call',
    });
  });

  it('the tightest holds, those of other campaigns do not', () => {
    const caps: PayoutCap[] = [
      month,
      { limit: usd(10), per: 'day', campaign: 'roofing' },
      { limit: usd(20), per: 'ever', campaign: 'solar' },
    ];
    const { payout, payoutReason } = settled(
      { ...given, caps },
      {},
      { owed: [usd(4_975), usd(10), usd(0.5)] },
    );
    expect(payout).toBe(usd(19.5));
    expect(payoutReason).toMatch(/^payout cap 20\.00 ever in solar: 19\.50 left of 30\.00, /);
  });

  it('come after duplicates, and cut nothing of nothing', () => {
    expect(settled(given, {}, { paid: earlier, owed: [usd(5_000)] }).payoutReason).toBe(
      "duplicate: solar paid for this caller's call 0198-a, 3 days before",
    );
    expect(settled(given, {}, { billed: earlier, owed: [usd(5_000)] }).payoutReason).toMatch(
      /^a share of no revenue/,
    );
  });

  it('that nobody looked up are a defect, not a limit of 0', () => {
    expect(() => settled(given, {}, { owed: [] })).toThrow('payout caps');
  });
});

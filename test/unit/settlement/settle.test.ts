import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConditions } from '../../../src/conditions/parse.ts';
import { ledgerEntries } from '../../../src/settlement/ledger-lines.ts';
import { formatMoney, parseMoney, parsePercent } from '../../../src/settlement/money.ts';
import {
  duplicateWindows,
  settle,
  type Facts,
  type Past,
  type Settlement,
} from '../../../src/settlement/settle.ts';
import type { PayRule, TermsBook } from '../../../src/settlement/terms.ts';

function rule(pays: string, when = '{}'): PayRule {
  const conditions = parseConditions(parseYaml(when));
  if (!conditions.ok) throw new Error(JSON.stringify(conditions.problems));
  const ppm = parsePercent(pays);
  const amount = parseMoney(pays);
  if (ppm !== null) return { pays: { kind: 'share', ppm, round: 'half_even' }, when: conditions.conditions };
  if (amount === null) throw new Error(pays);
  return { pays: { kind: 'flat', amount }, when: conditions.conditions };
}

const month = 30 * 86_400_000;

const disputes = { within: null, payout: 'reverse' } as const;

const book: TermsBook = {
  currency: 'USD',
  minorDigits: 2,
  timezone: 'America/New_York',
  hold: 0,
  publishers: new Map(),
  buyers: new Map([
    [
      'sunrise',
      { buyer: 'sunrise', revenue: [rule('45.00', '{ connected: ">= 90s" }')], oncePerCaller: month },
    ],
    ['helio', { buyer: 'helio', revenue: [rule('38.00', '{ connected: ">= 60s" }')], oncePerCaller: null }],
    [
      'brightside',
      { buyer: 'brightside', revenue: [rule('9.00', '{ connected: ">= 30s" }')], oncePerCaller: null },
    ],
    ['never', { buyer: 'never', revenue: [], oncePerCaller: null }],
  ]),
  campaigns: new Map([
    [
      'solar',
      {
        campaign: 'solar',
        payout: [
          rule('30.00', '{ connected: ">= 90s", caller.state: [TX, OK, NM], ivr.homeowner: yes }'),
          rule('60%', '{ connected: ">= 60s", ivr.homeowner: yes }'),
          rule('4.50', '{ connected: ">= 30s" }'),
        ],
        oncePerCaller: month,
        disputes,
      },
    ],
    [
      'solar/homeleads',
      {
        campaign: 'solar',
        payout: [rule('35.00', '{ connected: ">= 90s", ivr.homeowner: yes }')],
        oncePerCaller: null,
        disputes,
      },
    ],
    [
      'inbound',
      { campaign: 'inbound', payout: [rule('1.00', '{ inbound: ">= 10s" }')], oncePerCaller: null, disputes },
    ],
  ]),
};

const facts: Facts = {
  attributes: { 'caller.state': 'TX', 'ivr.homeowner': 'yes' },
  connectedMs: 95_120,
  inboundMs: 120_000,
  isAcknowledged: true,
  buyer: 'sunrise',
  bid: null,
  campaign: 'solar',
  publisher: 'clickwise',
  endedAt: Date.parse('2026-11-18T17:00:00Z'),
  reported: new Map(),
};
const earlier = { call: '0198-a', before: 3 * 86_400_000 };
const fresh: Past = { billed: null, paid: null, owed: [] };

const settled = (given: Partial<Facts>, past: Partial<Past> = {}): Settlement =>
  settle({ ...facts, ...given }, book, { ...fresh, ...past });
const amounts = ({ revenue, payout, margin }: Settlement): string[] =>
  [revenue, payout, margin].map((it) => formatMoney(it));

describe('what a call is worth', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    ['the first payout rule', {}, ['45.00', '30.00', '15.00']],
    ['60% of the revenue', { attributes: { 'ivr.homeowner': 'yes' } }, ['45.00', '27.00', '18.00']],
    ['60% of 38.00', { buyer: 'helio', connectedMs: 60_000 }, ['38.00', '22.80', '15.20']],
    ['60% of nothing', { connectedMs: 75_000 }, ['0.00', '0.00', '0.00']],
    ['more than it earns', { attributes: {}, connectedMs: 30_000 }, ['0.00', '4.50', '-4.50']],
    ['a renter', { attributes: { 'ivr.homeowner': 'no' }, buyer: 'brightside' }, ['9.00', '4.50', '4.50']],
    ['the publisher’s own rules', { publisher: 'homeleads' }, ['45.00', '35.00', '10.00']],
    ['no buyer', { buyer: null, connectedMs: null }, ['0.00', '0.00', '0.00']],
    [
      'paid without a buyer',
      { buyer: null, connectedMs: null, campaign: 'inbound' },
      ['0.00', '1.00', '-1.00'],
    ],
    ['answered, and never acknowledged', { isAcknowledged: false }, ['0.00', '0.00', '0.00']],
  ])('%s', (_case, given, expected) => {
    expect(amounts(settled(given))).toEqual(expected);
  });

  it('is nothing where nobody acknowledged our answer, which both sides are told', () => {
    const reason = "the caller's side never acknowledged the answer";
    const unpaid = { converted: false, revenueReason: reason, payoutReason: reason };
    expect(settled({ isAcknowledged: false })).toMatchObject(unpaid);
  });

  it.each([
    [89_999, '0.00'],
    [90_000, '45.00'],
    [90_001, '45.00'],
  ])('at least 90 s: %i ms earns %s', (connectedMs, revenue) => {
    expect(formatMoney(settled({ connectedMs }).revenue)).toBe(revenue);
  });

  it('rounds flat amounts and shares to the minor unit, half to even', () => {
    const fine: TermsBook = {
      ...book,
      buyers: new Map([['x', { buyer: 'x', revenue: [rule('0.125')], oncePerCaller: null }]]),
      campaigns: new Map([['c', { campaign: 'c', payout: [rule('37.5%')], oncePerCaller: null, disputes }]]),
    };
    // 0.125 → 0.12; 37.5% of 0.12 = 0.045 → 0.04
    expect(amounts(settle({ ...facts, buyer: 'x', campaign: 'c' }, fine, fresh))).toEqual([
      '0.12',
      '0.04',
      '0.08',
    ]);
    expect(settle({ ...facts, buyer: 'x', campaign: 'c' }, { ...fine, minorDigits: 0 }, fresh).revenue).toBe(
      0n,
    );
  });
});

describe('why', () => {
  it('a call pays', () => {
    const paid = settled({});
    expect(paid).toMatchObject({ converted: true, revenueRule: 0, payoutRule: 0 });
    expect(paid.revenueReason).toBe('connected 95.12 s: connected at least 90 s');
    expect(paid.payoutReason).toBe(
      'connected 95.12 s: connected at least 90 s, caller.state is TX, OK or NM, ivr.homeowner is yes (rule 1 of 3)',
    );
  });

  it.each<[string, Partial<Facts>, string]>([
    ['too short', { connectedMs: 88_412 }, 'connected 88.412 s, needs 90 s'],
    ['never through', { connectedMs: null }, 'never connected, needs 90 s'],
    ['no buyer', { buyer: null, connectedMs: null }, 'no buyer was connected'],
    ['a buyer without rules', { buyer: 'never' }, 'no rule pays for any call'],
    ['a buyer without terms', { buyer: 'stranger' }, 'the terms name no buyer stranger'],
  ])('a call earns nothing: %s', (_case, given, reason) => {
    expect(settled(given)).toMatchObject({
      revenue: 0n,
      revenueRule: null,
      converted: false,
      revenueReason: reason,
    });
  });

  it.each<[string, Partial<Facts>, string]>([
    ['the rule that came closest', { connectedMs: 29_000 }, 'connected 29 s, needs 30 s (rule 3 of 3)'],
    ['never through', { connectedMs: null }, 'never connected, needs 30 s (rule 3 of 3)'],
    [
      'several conditions missed',
      { publisher: 'homeleads', attributes: {}, connectedMs: 80_000 },
      'connected 80 s, needs 90 s; ivr.homeowner not known, needs yes',
    ],
    ['no terms', { campaign: 'roofing' }, 'the terms name no campaign roofing'],
  ])('a call pays out nothing: %s', (_case, given, reason) => {
    expect(settled(given)).toMatchObject({ payout: 0n, payoutRule: null, payoutReason: reason });
  });

  it('a share of nothing is nothing', () => {
    expect(settled({ connectedMs: 75_000 })).toMatchObject({
      payout: 0n,
      payoutRule: 1,
      payoutReason: 'a share of no revenue (rule 2 of 3)',
    });
  });

  it('names of two rules missed by one condition each the one missed by less', () => {
    const two: TermsBook = {
      ...book,
      campaigns: new Map([
        [
          'solar',
          {
            campaign: 'solar',
            payout: [rule('9', '{ connected: ">= 300s" }'), rule('5', '{ connected: ">= 100s" }')],
            oncePerCaller: null,
            disputes,
          },
        ],
      ]),
    };
    expect(settle(facts, two, fresh).payoutReason).toBe('connected 95.12 s, needs 100 s (rule 2 of 2)');
  });
});

describe('a bid', () => {
  const bid = (text: string) => parseMoney(text);

  it('is the revenue where a revenue rule holds, in place of its amount', () => {
    const won = settled({ bid: bid('12.50'), connectedMs: 93_100 });
    expect(amounts(won)).toEqual(['12.50', '30.00', '-17.50']);
    expect(won).toMatchObject({
      converted: true,
      revenueRule: 0,
      revenueReason: 'bid 12.50, connected 93.1 s: connected at least 90 s',
    });
  });

  it('is what a publisher has its share of', () => {
    expect(amounts(settled({ bid: bid('52.00'), attributes: { 'ivr.homeowner': 'yes' } }))).toEqual([
      '52.00',
      '31.20',
      '20.80',
    ]);
  });

  it.each<[string, Partial<Facts>, string]>([
    ['no rule holds', { connectedMs: 88_412 }, 'connected 88.412 s, needs 90 s'],
    ['the buyer never had the call', { connectedMs: null }, 'never connected, needs 90 s'],
    ['nobody had it', { buyer: null, connectedMs: null }, 'no buyer was connected'],
    ['the buyer has no rules', { buyer: 'never' }, 'no rule pays for any call'],
  ])('earns nothing where %s', (_case, given, reason) => {
    expect(settled({ bid: bid('12.50'), ...given })).toMatchObject({
      revenue: 0n,
      converted: false,
      revenueReason: reason,
    });
  });

  it('is not billed twice for one caller', () => {
    expect(settled({ bid: bid('12.50') }, { billed: earlier, paid: null })).toMatchObject({
      revenue: 0n,
      converted: true,
      revenueReason: "duplicate: sunrise was billed for this caller's call 0198-a, 3 days before",
    });
  });

  it('is rounded to the minor unit, half to even, and told as it was made', () => {
    const fine = settled({ bid: bid('12.345') });
    expect(formatMoney(fine.revenue)).toBe('12.34');
    expect(fine.revenueReason).toMatch(/^bid 12\.345, connected/);
    expect(formatMoney(settled({ bid: bid('12.355') }).revenue)).toBe('12.36');
  });

  it('of nothing is nothing, and a share of it too', () => {
    const free = settled({ bid: 0n, attributes: { 'ivr.homeowner': 'yes' } });
    expect(amounts(free)).toEqual(['0.00', '0.00', '0.00']);
    expect(free.payoutReason).toBe('a share of no revenue (rule 2 of 3)');
  });
});

describe('duplicates', () => {
  it('are not billed twice; the publisher may still be paid, and a share of nothing is nothing', () => {
    const twice = settled({}, { billed: earlier, paid: null });
    expect(amounts(twice)).toEqual(['0.00', '30.00', '-30.00']);
    expect(twice).toMatchObject({
      converted: true,
      revenueRule: 0,
      revenueReason: "duplicate: sunrise was billed for this caller's call 0198-a, 3 days before",
    });
    expect(
      amounts(settled({ attributes: { 'ivr.homeowner': 'yes' } }, { billed: earlier, paid: null })),
    ).toEqual(['0.00', '0.00', '0.00']);
  });

  it('are not paid twice; the buyer may still be billed', () => {
    const twice = settled({}, { billed: null, paid: earlier });
    expect(amounts(twice)).toEqual(['45.00', '0.00', '45.00']);
    expect(twice.payoutReason).toBe("duplicate: solar paid for this caller's call 0198-a, 3 days before");
  });

  it('do not hide why a call would not have paid anyway', () => {
    expect(settled({ connectedMs: 1_000 }, { billed: earlier, paid: earlier })).toMatchObject({
      converted: false,
      revenueReason: 'connected 1 s, needs 90 s',
      payoutReason: 'connected 1 s, needs 30 s (rule 3 of 3)',
    });
  });

  it('are looked for in the windows of the terms that apply', () => {
    expect(duplicateWindows(facts, book)).toEqual({ billable: month, payable: month });
    expect(duplicateWindows({ ...facts, buyer: 'helio', publisher: 'homeleads' }, book)).toEqual({
      billable: null,
      payable: null,
    });
    expect(duplicateWindows({ ...facts, buyer: null, campaign: 'x' }, book)).toEqual({
      billable: null,
      payable: null,
    });
  });
});

describe('the times of a call', () => {
  it('come from its clocks alone: an attribute of the same name counts for nothing', () => {
    const forged = { connected: 999_999, inbound: 999_999 };
    expect(settled({ attributes: forged, connectedMs: null }).revenueReason).toBe(
      'never connected, needs 90 s',
    );
    expect(settled({ attributes: forged, inboundMs: 9_999, campaign: 'inbound' }).payout).toBe(0n);
  });
});

describe('ledger entries', () => {
  const parties = { buyer: 'sunrise', publisher: 'clickwise' };
  it('balance: what the buyer owes is what the publisher gets and what we keep', () => {
    expect(ledgerEntries(settled({}), parties)).toEqual([
      { account: 'receivable', party: 'sunrise', amount: 45_000_000n },
      { account: 'payable', party: 'clickwise', amount: -30_000_000n },
      { account: 'margin', party: 'network', amount: -15_000_000n },
    ]);
  });
  it('leave out what is nothing', () => {
    expect(ledgerEntries(settled({ connectedMs: 0 }), parties)).toEqual([]);
    expect(ledgerEntries({ revenue: 0n, payout: 5n, margin: -5n }, { ...parties, buyer: null })).toEqual([
      { account: 'payable', party: 'clickwise', amount: -5n },
      { account: 'margin', party: 'network', amount: 5n },
    ]);
  });
});

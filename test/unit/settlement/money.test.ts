import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney, parsePercent, share } from '../../../src/settlement/money.ts';

describe('parseMoney', () => {
  it.each([
    ['45.00', 45_000_000n],
    ['45', 45_000_000n],
    ['0', 0n],
    ['0.000001', 1n],
    ['-0.5', -500_000n],
    ['-0', 0n],
    ['9223372036854.775807', 9_223_372_036_854_775_807n],
  ])('reads %s', (text, money) => {
    expect(parseMoney(text)).toBe(money);
  });

  it.each([
    '',
    '.',
    '1.',
    '.5',
    '+1',
    '1e3',
    '1,000',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    'Infinity',
    '1.0000001',
    '--1',
    '1.2.3',
    '9223372036854.775808',
    '٣',
    '1\n',
    '1'.repeat(10_000),
  ])('refuses %j', (text) => {
    expect(parseMoney(text)).toBeNull();
  });

  it('comes back from its text unchanged', () => {
    const limit = 2n ** 63n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), fc.integer({ min: 0, max: 6 }), (money, digits) => {
        expect(parseMoney(formatMoney(money, digits))).toBe(money);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        parseMoney(text);
        parsePercent(text);
      }),
    );
  });
});

describe('formatMoney', () => {
  it.each([
    [45_000_000n, 2, '45.00'],
    [45_000_000n, 0, '45'],
    [12_500n, 2, '0.0125'],
    [-500_000n, 2, '-0.50'],
    [-1n, 2, '-0.000001'],
    [0n, 2, '0.00'],
    [1_500_000n, 0, '1.5'],
  ])('prints %s with %i digits as %s', (money, digits, text) => {
    expect(formatMoney(money, digits)).toBe(text);
  });
});

describe('share', () => {
  it.each([
    ['60% of 15.00 is 9.00', 15_000_000n, 600_000, 2, 9_000_000n],
    ['half a cent goes to the even cent below', 50_000n, 500_000, 2, 20_000n],
    ['half a cent goes to the even cent above', 70_000n, 500_000, 2, 40_000n],
    ['just over half a cent goes up', 50_000n, 500_020, 2, 30_000n],
    ['just under half a cent goes down', 70_000n, 499_980, 2, 30_000n],
    ['a yen has no decimals', 1_000_000n, 500_000, 0, 0n],
    ['three yen in halves', 3_000_000n, 500_000, 0, 2_000_000n],
    ['three decimals, as in Kuwait', 1_001_000n, 500_000, 3, 500_000n],
    ['a negative amount mirrors the positive', -50_000n, 500_000, 2, -20_000n],
    ['nothing of it', 45_000_000n, 0, 2, 0n],
    ['all of it', 45_000_000n, 1_000_000, 2, 45_000_000n],
  ])('%s', (_case, amount, ppm, minor, expected) => {
    expect(share(amount, ppm, minor)).toBe(expected);
  });

  it('is a whole number of minor units, at most half of one away from the exact share', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 0, max: 6 }),
        (amount, ppm, minor) => {
          const unit = 10n ** BigInt(6 - minor);
          const got = share(amount, ppm, minor);
          expect(got % unit).toBe(0n);
          const error = got * 1_000_000n - amount * BigInt(ppm);
          expect((error < 0n ? -error : error) * 2n <= unit * 1_000_000n).toBe(true);
        },
      ),
    );
  });
});

describe('parsePercent', () => {
  it.each([
    ['60%', 600_000],
    ['12.5 %', 125_000],
    ['0.0001%', 1],
    ['0%', 0],
    ['100%', 1_000_000],
    ['150%', 1_500_000],
  ])('reads %s', (text, ppm) => {
    expect(parsePercent(text)).toBe(ppm);
  });

  it.each(['60', '%', '-5%', '0.00001%', '5%%', 'sixty%', '99999999%'])('refuses %s', (text) => {
    expect(parsePercent(text)).toBeNull();
  });
});

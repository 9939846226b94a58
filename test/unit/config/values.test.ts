import { describe, expect, test } from 'vitest';
import { ringTones } from '../../../src/calls/ring-tone.ts';
import { parseAmount, parseIncrements, parseRate, parseShare } from '../../../src/config/values/amount.ts';
import {
  parseBlock,
  parseHttpListen,
  parseSipListen,
  parseSipUri,
} from '../../../src/config/values/address.ts';
import { parseDuration } from '../../../src/config/values/duration.ts';
import { hoursOf, parseTimeRange, parseWeekdays } from '../../../src/config/values/hours.ts';
import { parseCurrency, parseZone, ringbackOf, ringbacks } from '../../../src/config/values/locale.ts';
import { didYouMean } from '../../../src/config/values/nearest.ts';
import type { Parsed } from '../../../src/config/values/parsed.ts';
import { parseYesNo } from '../../../src/config/values/scalars.ts';
import { parseTelephone, numbersOf, parseTelephoneRange } from '../../../src/config/values/telephone.ts';

const value = <T>(parsed: Parsed<T>): T | string => (parsed.ok ? parsed.value : parsed.message);
const usd = { code: 'USD', minorDigits: 2 };

test.each([
  ['500ms', 500],
  ['25s', 25_000],
  ['2m', 120_000],
  ['1.5h', 5_400_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
])('the duration %s', (text, milliseconds) => expect(value(parseDuration(text))).toBe(milliseconds));

test.each(['', '25', 's', '2 weeks', '-1s', '1e3s', '999999999d'])('no duration: %j', (text) =>
  expect(parseDuration(text).ok).toBe(false),
);

test.each([
  ['mon', [1]],
  ['mon-fri', [1, 2, 3, 4, 5]],
  ['sat-mon', [6, 7, 1]],
  ['mon-sun', [1, 2, 3, 4, 5, 6, 7]],
  ['Sun', [7]],
])('weekdays %s', (text, days) => expect(value(parseWeekdays(text))).toEqual(days));

test.each([
  ['08:00-12:00', { from: 480, to: 720 }],
  ['22:00-02:00', { from: 1320, to: 120 }],
  ['00:00-24:00', { from: 0, to: 1440 }],
  ['18:00-00:00', { from: 1080, to: 0 }],
])('the time range %s', (text, range) => expect(value(parseTimeRange(text))).toEqual(range));

test('always with an exception is a week of whole days with that exception', () => {
  const except = new Map([['2026-12-25', []]]);
  const hours = hoursOf('always', except);
  expect(hours).toMatchObject({ except });
  expect(hours !== 'always' && hours.weekly.size).toBe(7);
  expect(hoursOf('always', new Map())).toBe('always');
});

describe('telephone numbers', () => {
  test.each([
    ['+18005550100', 'US', '+18005550100'],
    ['800-555-0100', 'US', '+18005550100'],
    ['(212) 555-0123', 'US', '+12125550123'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['+44 20 7946 0958', 'US', '+442079460958'],
  ] as const)('%s in %s', (text, country, e164) => expect(value(parseTelephone(text, country))).toBe(e164));

  test.each(['', 'abc', '12', '+1', 'call 212 555 0123', '+1212555012345678'])('%j is none', (text) =>
    expect(parseTelephone(text, 'US').ok).toBe(false),
  );

  test('a range names the last digits of its end', () => {
    const numbers = (text: string) => {
      const range = parseTelephoneRange(text, 'US');
      return range.ok ? numbersOf(range.value) : range.message;
    };
    expect(numbers('+18005550098-0101')).toEqual([
      '+18005550098',
      '+18005550099',
      '+18005550100',
      '+18005550101',
    ]);
    expect(numbers('800-555-0100')).toEqual(['+18005550100']);
    expect(numbers('+18005550100')).toEqual(['+18005550100']);
  });

  test('a range of all numbers there are is refused before it is counted out', () => {
    expect(parseTelephoneRange('+10000000000-9999999999', 'US').ok).toBe(false);
    expect(parseTelephoneRange('+18005550100-99999999999999999999', 'US').ok).toBe(false);
  });
});

describe('money', () => {
  test('is exact where a float is not', () => {
    expect(value(parseAmount('9007199254740993.01', usd))).toBe(
      '"9007199254740993.01" is not an amount of money',
    );
    expect(value(parseAmount('900719925474.01', usd))).toBe(900_719_925_474_010_000n);
    expect(value(parseAmount('0.1', usd))).toBe(100_000n);
    expect(value(parseAmount('45', { code: 'JPY', minorDigits: 0 }))).toBe(45_000_000n);
  });

  test('keeps to the minor unit', () => {
    expect(parseAmount('45.001', usd).ok).toBe(false);
    expect(parseAmount('45.5', { code: 'JPY', minorDigits: 0 }).ok).toBe(false);
    expect(value(parseAmount('1.125', { code: 'KWD', minorDigits: 3 }))).toBe(1_125_000n);
  });

  test('shares are parts per million', () => {
    expect(value(parseShare('60%'))).toBe(600_000);
    expect(value(parseShare('12.5 %'))).toBe(125_000);
    for (const text of ['%', '60', '-1%', '0.00001%']) expect(parseShare(text).ok, text).toBe(false);
  });

  test('a rate may be finer than the minor unit', () => {
    expect(value(parseRate('0.0125', usd))).toBe(12_500n);
    expect(value(parseRate('1', { code: 'JPY', minorDigits: 0 }))).toBe(1_000_000n);
    for (const text of ['-1', '0.0000001', '1e3', '']) expect(parseRate(text, usd).ok, text).toBe(false);
  });

  test('increments are whole seconds, in milliseconds', () => {
    expect(value(parseIncrements('30/6'))).toEqual({ first: 30_000, then: 6_000 });
    expect(value(parseIncrements('1 / 1'))).toEqual({ first: 1_000, then: 1_000 });
    for (const text of ['6', '0/6', '6/0', '6/6/6', '6s/6s', '-6/6', '1.5/6', '100000/1', ''])
      expect(parseIncrements(text).ok, text).toBe(false);
  });

  test('a currency knows its minor digits', () => {
    expect(value(parseCurrency('USD'))).toEqual({ code: 'USD', minorDigits: 2 });
    expect(value(parseCurrency('JPY'))).toEqual({ code: 'JPY', minorDigits: 0 });
    expect(value(parseCurrency('KWD'))).toEqual({ code: 'KWD', minorDigits: 3 });
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.10', '192.0.2.10/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
  ])('the block %s', (text, block) => expect(value(parseBlock(text))).toBe(block));

  test.each(['sip:127.0.0.1:5091', 'sip:pbx.example.com', 'sip:[::1]:5060'])('the trunk %s', (text) =>
    expect(value(parseSipUri(text))).toBe(text),
  );
  test.each(['sip:', 'sip:1.2.3.999', 'sip:a b', 'sip:host:0', 'http://a', 'sip:-a'])(
    'no trunk: %s',
    (text) => expect(parseSipUri(text).ok).toBe(false),
  );

  test('listening', () => {
    expect(value(parseSipListen('udp:[::1]:0'))).toBe('udp:[::1]:0');
    expect(parseSipListen('udp:0.0.0.0').ok).toBe(false);
    expect(value(parseHttpListen('0.0.0.0:80'))).toEqual({ host: '0.0.0.0', port: 80 });
    expect(value(parseHttpListen('[::1]:80'))).toEqual({ host: '::1', port: 80 });
  });
});

test('yes, no, on and off are words for true and false', () => {
  expect(['true', 'yes', 'on', 'Yes'].map((text) => value(parseYesNo(text)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['false', 'no', 'off', 'OFF'].map((text) => value(parseYesNo(text)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('zones by the names of the database', () => {
  expect(value(parseZone('America/Chicago'))).toBe('America/Chicago');
  expect(value(parseZone('UTC'))).toBe('UTC');
  expect(parseZone('').ok).toBe(false);
});

test('ringing tones are those that can be played; every country has one', () => {
  expect([...ringbacks].sort()).toEqual([...ringTones].sort());
  expect(['US', 'CA', 'GB', 'AU', 'DE'].map(ringbackOf)).toEqual(['us', 'us', 'uk', 'au', 'eu']);
});

test('the nearest name is offered where it is near', () => {
  expect(didYouMean('buyrs', ['buyers', 'trunks'])).toBe('did you mean "buyers"?');
  expect(didYouMean('sunrsie', ['sunrise', 'helio'])).toBe('did you mean "sunrise"?');
  expect(didYouMean('carrier', ['campaigns'])).toBeNull();
  expect(didYouMean('x', ['y'])).toBeNull();
});

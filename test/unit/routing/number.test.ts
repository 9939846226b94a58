import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributesOf, callAttributes, isAnonymous } from '../../../src/routing/attributes.ts';
import { normalizeNumber, parseNumber } from '../../../src/routing/number.ts';
import { campaign } from './world.ts';

describe('normalizeNumber', () => {
  it.each([
    ['+12145550111', 'US', '+12145550111'],
    ['12145550111', 'US', '+12145550111'],
    ['2145550111', 'US', '+12145550111'],
    ['(214) 555-0111', 'US', '+12145550111'],
    ['18005550100', 'US', '+18005550100'],
    ['8005550100', 'CA', '+18005550100'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['+442079460958', 'US', '+442079460958'],
    ['0033612345678', 'GB', '+33612345678'],
    ['+442079460958', '', '+442079460958'],
  ])('reads %s in %s as %s', (text, country, e164) => {
    expect(normalizeNumber(text, country)).toBe(e164);
  });

  it.each([
    '',
    '+',
    'anonymous',
    'alice',
    '911',
    '+1214555011',
    '21455501111234',
    '+999123456789',
    'call 2145550111',
  ])('refuses %j', (text) => {
    expect(normalizeNumber(text, 'US')).toBeNull();
  });

  it('needs a country for a number without its code', () => {
    expect(normalizeNumber('2145550111', '')).toBeNull();
    expect(normalizeNumber('2145550111', 'XX')).toBeNull();
  });

  it('never throws, and what it yields is E.164 and stays as it is', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom(
          '+',
          '0',
          '1',
          '2',
          '5',
          '9',
          '(',
          ')',
          '-',
          '.',
          ' ',
          ';',
          'e',
          'x',
          't',
          '*',
          '#',
        ),
        maxLength: 45,
      }),
      fc.integer({ min: 1, max: 10_000 }).map((length) => '+1'.repeat(length)),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom('US', 'GB', '', '__proto__'), (text, country) => {
        const e164 = normalizeNumber(text, country);
        if (e164 === null) return;
        expect(e164).toMatch(/^\+[1-9]\d{6,16}$/);
        expect(normalizeNumber(e164, country)).toBe(e164);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('where a number is', () => {
  it.each([
    ['+12145550111', 'US', 'TX', '214', 'America/Chicago'],
    ['+17135550111', 'US', 'TX', '713', 'America/Chicago'],
    ['+12035550111', 'US', 'CT', '203', 'America/New_York'],
    ['+12025550111', 'US', 'DC', '202', 'America/New_York'],
    ['+12065550111', 'US', 'WA', '206', 'America/Los_Angeles'],
    ['+16475550111', 'CA', 'ON', '647', 'America/Toronto'],
    ['+12575550111', 'CA', 'BC', '257', null],
    ['+19025550111', 'CA', null, '902', 'America/Halifax'],
    ['+17875550111', 'PR', null, '787', null],
    ['+442079460958', 'GB', null, null, null],
    ['+18005550100', 'US', null, '800', null],
    ['+18505550100', 'US', 'FL', '850', null],
    ['+14485550100', 'US', 'FL', '448', null],
    ['+16895550100', 'US', 'FL', '689', 'America/New_York'],
    ['+19155550100', 'US', 'TX', '915', 'America/Denver'],
    ['+16025550100', 'US', 'AZ', '602', 'America/Phoenix'],
    ['+13065550100', 'CA', 'SK', '306', 'America/Regina'],
  ])('%s: %s %s %s %s', (number, country, state, areaCode, timezone) => {
    expect(parseNumber(number, 'US')).toEqual({ e164: number, country, state, areaCode, timezone });
  });

  it('is told the same of every way to write it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }), (digits) => {
        const plain = parseNumber(`+1${digits}`, 'US');
        const parsed = parseNumber(`+1 ${digits}`, 'US');
        fc.pre(plain !== null && parsed !== null);
        expect(parsed).toEqual(plain);
      }),
    );
  });
});

describe('attributesOf', () => {
  const call = {
    to: '+18005550100',
    entry: { number: '+18005550100', campaign: campaign([]), publisher: 'clickwise', source: 'radio' },
    at: Date.parse('2026-11-18T17:59:00Z'),
    timezone: 'America/New_York',
  };

  it('tells all that is known', () => {
    expect(attributesOf({ ...call, from: '+12145550111', attestation: 'A' })).toEqual({
      'caller.number': '+12145550111',
      'caller.country': 'US',
      'caller.state': 'TX',
      'caller.area_code': '214',
      'caller.timezone': 'America/Chicago',
      'caller.anonymous': false,
      'caller.attestation': 'A',
      'call.number': '+18005550100',
      'call.campaign': 'solar',
      'call.publisher': 'clickwise',
      'call.source': 'radio',
      'call.hour': 12,
      'call.weekday': 'wed',
    });
  });

  it('says nothing of what is not known', () => {
    const attributes = attributesOf({ ...call, from: null, entry: { ...call.entry, source: null } });
    expect(Object.keys(attributes).filter((name) => name.startsWith('caller.'))).toEqual([
      'caller.anonymous',
    ]);
    expect(attributes).toMatchObject({ 'caller.anonymous': true });
    expect(attributes).not.toHaveProperty(['call.source']);
  });

  it('gives no name that the list lacks, whatever comes in as a caller', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ unit: 'binary' })), fc.constantFrom('US', 'GB'), (from, country) => {
        const attributes = attributesOf({ ...call, from, country });
        expect(callAttributes).toEqual(expect.arrayContaining(Object.keys(attributes)));
      }),
    );
  });

  it.each<[string | null, boolean]>([
    [null, true],
    ['', true],
    ['Anonymous', true],
    ['restricted', true],
    ['alice', false],
    ['+12145550111', false],
    ['x'.repeat(100_000), false],
  ])('anonymous: %j', (from, expected) => {
    expect(isAnonymous(from)).toBe(expected);
  });
});

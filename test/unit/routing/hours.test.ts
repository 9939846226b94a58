import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { compileHours, hoursKey, isOpen } from '../../../src/routing/hours.ts';
import type { Hours, TimeRange } from '../../../src/routing/network.ts';

function range(text: string): TimeRange {
  const [from = 0, to = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, to };
}

function daily(ranges: string, except: Record<string, string> = {}): Hours {
  const read = (text: string): TimeRange[] => (text === '' ? [] : text.split(' ').map(range));
  return {
    weekly: new Map([1, 2, 3, 4, 5, 6, 7].map((day) => [day, read(ranges)])),
    except: new Map(Object.entries(except).map(([date, text]) => [date, read(text)])),
  };
}

const table = (hours: Hours, zone: string, cases: [string, boolean][]): void => {
  it.each(cases)('%s: %s', (at, open) => {
    expect(isOpen(hours, zone, Date.parse(at))).toBe(open);
  });
};

describe('a plain day, New York', () => {
  table(daily('08:00-12:00 13:00-18:00'), 'America/New_York', [
    ['2026-11-18T07:59:59.999-05:00', false],
    ['2026-11-18T08:00:00-05:00', true],
    ['2026-11-18T11:59:59.999-05:00', true],
    ['2026-11-18T12:00:00-05:00', false],
    ['2026-11-18T13:00:00-05:00', true],
    ['2026-11-18T18:00:00-05:00', false],
  ]);
});

describe('each zone has its own clock', () => {
  const nine = daily('09:00-17:00');
  it.each([
    ['America/New_York', '2026-07-01T13:00:00Z', '2026-07-01T12:59:59Z'],
    ['America/Chicago', '2026-07-01T14:00:00Z', '2026-07-01T13:59:59Z'],
    ['America/Phoenix', '2026-07-01T16:00:00Z', '2026-07-01T15:59:59Z'],
    ['America/Phoenix', '2026-12-01T16:00:00Z', '2026-12-01T15:59:59Z'],
    ['Europe/London', '2026-07-01T08:00:00Z', '2026-07-01T07:59:59Z'],
    ['Australia/Sydney', '2026-06-30T23:00:00Z', '2026-06-30T22:59:59Z'],
    ['Australia/Sydney', '2026-11-30T22:00:00Z', '2026-11-30T21:59:59Z'],
    ['Asia/Kathmandu', '2026-07-01T03:15:00Z', '2026-07-01T03:14:59Z'],
  ])('%s opens at %s, not at %s', (zone, opens, before) => {
    expect(isOpen(nine, zone, Date.parse(opens))).toBe(true);
    expect(isOpen(nine, zone, Date.parse(before))).toBe(false);
  });
});

describe('past midnight, 22:00-02:00', () => {
  table(daily('22:00-02:00'), 'America/New_York', [
    ['2026-11-18T21:59:59-05:00', false],
    ['2026-11-18T22:00:00-05:00', true],
    ['2026-11-19T00:00:00-05:00', true],
    ['2026-11-19T01:59:59-05:00', true],
    ['2026-11-19T02:00:00-05:00', false],
  ]);

  it('belongs to the day on which it begins', () => {
    const friday: Hours = { weekly: new Map([[5, [range('22:00-02:00')]]]), except: new Map() };
    const at = (text: string): boolean => isOpen(friday, 'America/New_York', Date.parse(text));
    expect(at('2026-11-21T01:00:00-05:00')).toBe(true);
    expect(at('2026-11-20T01:00:00-05:00')).toBe(false);
    expect(at('2026-11-21T22:30:00-05:00')).toBe(false);
  });
});

describe('the whole day', () => {
  for (const text of ['00:00-24:00', '00:00-00:00']) {
    table(daily(text), 'Europe/London', [
      ['2026-11-18T00:00:00Z', true],
      ['2026-11-18T23:59:59.999Z', true],
    ]);
  }
});

describe('dated exceptions', () => {
  const hours = daily('22:00-02:00 09:00-17:00', {
    '2026-12-25': '',
    '2026-12-24': '08:00-12:00 23:00-01:00',
  });
  table(hours, 'America/New_York', [
    ['2026-12-24T08:30:00-05:00', true],
    ['2026-12-24T13:00:00-05:00', false],
    ['2026-12-24T22:30:00-05:00', false],
    ['2026-12-24T23:30:00-05:00', true],
    // What began the day before still holds: the 23rd's usual tail, the 24th's own.
    ['2026-12-24T01:30:00-05:00', true],
    ['2026-12-25T00:30:00-05:00', true],
    ['2026-12-25T01:30:00-05:00', false],
    ['2026-12-25T10:00:00-05:00', false],
    ['2026-12-25T22:30:00-05:00', false],
    // Nothing began on the 25th, so nothing runs into the 26th.
    ['2026-12-26T01:00:00-05:00', false],
    ['2026-12-26T09:00:00-05:00', true],
  ]);
});

describe('clocks go forward', () => {
  describe('New York, 2026-03-08 02:00 → 03:00', () => {
    table(daily('01:30-02:30'), 'America/New_York', [
      ['2026-03-08T01:29:59-05:00', false],
      ['2026-03-08T01:59:59-05:00', true],
      ['2026-03-08T03:00:00-04:00', false],
    ]);
    table(daily('02:15-04:00'), 'America/New_York', [
      ['2026-03-08T01:59:59-05:00', false],
      ['2026-03-08T03:00:00-04:00', true],
      ['2026-03-08T04:00:00-04:00', false],
    ]);
    table(daily('22:00-02:00'), 'America/New_York', [
      ['2026-03-08T01:59:59-05:00', true],
      ['2026-03-08T03:00:00-04:00', false],
    ]);
  });
  describe('Chicago, 2026-03-08', () => {
    table(daily('08:00-17:00'), 'America/Chicago', [
      ['2026-03-07T14:00:00Z', true],
      ['2026-03-08T12:59:59Z', false],
      ['2026-03-08T13:00:00Z', true],
      ['2026-03-08T22:00:00Z', false],
    ]);
  });
  describe('London, 2026-03-29 01:00 → 02:00', () => {
    table(daily('00:30-02:30'), 'Europe/London', [
      ['2026-03-29T00:59:59Z', true],
      ['2026-03-29T01:29:59Z', true],
      ['2026-03-29T01:30:00Z', false],
    ]);
  });
  describe('Sydney, 2026-10-04 02:00 → 03:00', () => {
    table(daily('22:00-02:00 03:00-04:00'), 'Australia/Sydney', [
      ['2026-10-03T15:59:59Z', true],
      ['2026-10-03T16:00:00Z', true],
      ['2026-10-03T17:00:00Z', false],
    ]);
  });
  it('does nothing in Phoenix', () => {
    const hours = daily('02:00-03:00');
    expect(isOpen(hours, 'America/Phoenix', Date.parse('2026-03-08T02:30:00-07:00'))).toBe(true);
  });
});

describe('clocks go back: the hour that comes twice counts twice', () => {
  describe('New York, 2026-11-01 02:00 → 01:00', () => {
    table(daily('22:00-02:00'), 'America/New_York', [
      ['2026-11-01T01:59:59-04:00', true],
      ['2026-11-01T01:00:00-05:00', true],
      ['2026-11-01T01:59:59-05:00', true],
      ['2026-11-01T02:00:00-05:00', false],
    ]);
    table(daily('01:00-01:30'), 'America/New_York', [
      ['2026-11-01T01:15:00-04:00', true],
      ['2026-11-01T01:45:00-04:00', false],
      ['2026-11-01T01:15:00-05:00', true],
      ['2026-11-01T01:30:00-05:00', false],
    ]);
  });
  describe('Chicago, 2026-11-01', () => {
    table(daily('08:00-17:00'), 'America/Chicago', [
      ['2026-11-01T13:59:59Z', false],
      ['2026-11-01T14:00:00Z', true],
      ['2026-11-01T23:00:00Z', false],
    ]);
  });
  describe('London, 2026-10-25 02:00 → 01:00', () => {
    table(daily('22:00-02:00'), 'Europe/London', [
      ['2026-10-25T00:30:00Z', true],
      ['2026-10-25T01:59:59Z', true],
      ['2026-10-25T02:00:00Z', false],
    ]);
  });
  describe('Sydney, 2026-04-05 03:00 → 02:00', () => {
    table(daily('22:00-02:30'), 'Australia/Sydney', [
      ['2026-04-04T15:29:59Z', true],
      ['2026-04-04T15:30:00Z', false],
      ['2026-04-04T16:00:00Z', true],
      ['2026-04-04T16:30:00Z', false],
    ]);
  });
});

const zones = [
  'America/New_York',
  'America/Chicago',
  'America/Phoenix',
  'America/St_Johns',
  'Europe/London',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
];
const minutes = fc.integer({ min: 0, max: 1_440 });
const ranges = fc.array(fc.record({ from: minutes, to: minutes }), { maxLength: 3 });

describe('at any instant', () => {
  it('the wall clock decides, as luxon shows it', () => {
    const { min, max } = { min: Date.parse('2025-01-01T00:00Z'), max: Date.parse('2027-12-31T00:00Z') };
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min, max }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), ranges), { maxLength: 7 }),
        fc.option(ranges, { nil: undefined }),
        (zone, at, weekly, exception) => {
          const local = DateTime.fromMillis(at, { zone });
          const hours: Hours = {
            weekly: new Map(weekly),
            except: new Map(exception === undefined ? [] : [[local.toISODate() ?? '', exception]]),
          };
          const minute = local.hour * 60 + local.minute;
          const own = exception ?? hours.weekly.get(local.weekday) ?? [];
          const before = hours.weekly.get(local.weekday === 1 ? 7 : local.weekday - 1) ?? [];
          const expected =
            own.some(({ from, to }) => (from < to ? minute >= from && minute < to : minute >= from)) ||
            before.some(({ from, to }) => to <= from && minute < to);
          expect(isOpen(hours, zone, at)).toBe(expected);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is closed in a zone that does not exist, and says so', () => {
    expect(isOpen(daily('00:00-24:00'), 'Mars/Olympus', 0)).toBe(false);
    expect(compileHours(daily('00:00-24:00'), 'Mars/Olympus').inWords(0).now).toBe('no time in Mars/Olympus');
  });
});

describe('until when an answer holds', () => {
  const edges = [
    '2026-03-08T00:00:00Z',
    '2026-03-28T12:00:00Z',
    '2026-04-04T06:00:00Z',
    '2026-10-03T06:00:00Z',
    '2026-10-24T12:00:00Z',
    '2026-10-31T18:00:00Z',
  ].map((text) => Date.parse(text));

  it('nothing opens or closes before it, over the edges of summer time too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'America/New_York',
          'America/Chicago',
          'America/Phoenix',
          'Europe/London',
          'Australia/Sydney',
          'Australia/Lord_Howe',
          'Asia/Kathmandu',
        ),
        fc.constantFrom(
          '01:07-02:38',
          '22:00-02:30',
          '00:00-00:00',
          '02:10-02:20 03:00-03:01',
          '09:00-17:00',
        ),
        fc.constantFrom(...edges),
        fc.nat(36 * 3_600_000),
        (zone, ranges, edge, offset) => {
          const opening = compileHours(
            daily(ranges, { '2026-03-08': '02:40-03:10', '2026-10-25': '' }),
            zone,
          );
          const at = edge + offset;
          const until = opening.steadyUntil(at);
          expect(until).toBeGreaterThan(at);
          for (let between = at; between < until; between += 20_000) {
            expect(opening.isOpen(between)).toBe(opening.isOpen(at));
          }
          expect(opening.isOpen(until - 1)).toBe(opening.isOpen(at));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is for ever where it is always open', () => {
    expect(compileHours('always', 'America/New_York').steadyUntil(0)).toBe(Infinity);
  });

  it('tells hours apart that differ in anything', () => {
    const keys = [
      hoursKey('always', 'America/New_York'),
      hoursKey(daily('08:00-18:00'), 'America/New_York'),
      hoursKey(daily('08:00-18:00'), 'America/Chicago'),
      hoursKey(daily('08:00-18:01'), 'America/Chicago'),
      hoursKey(daily('08:00-18:00', { '2026-12-25': '' }), 'America/Chicago'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(hoursKey(daily('08:00-18:00'), 'America/Chicago')).toBe(keys[2]);
  });
});

describe('in words', () => {
  const at = Date.parse('2026-12-24T07:59:00-06:00');
  it('names the local time and the ranges of the day', () => {
    const hours = daily('08:00-12:00 22:00-02:00');
    expect(compileHours(hours, 'America/Chicago').inWords(at)).toEqual({
      now: 'Thu 07:59',
      ranges: ['08:00-12:00', '22:00-02:00'],
    });
  });
  it('names the date on which all is closed', () => {
    const hours = daily('08:00-12:00', { '2026-12-24': '' });
    expect(compileHours(hours, 'America/Chicago').inWords(at).ranges).toEqual(['closed on 2026-12-24']);
  });
});

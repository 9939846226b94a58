import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, localClock, parseDay } from '../../../src/calendar/local-clock.ts';
import type { Period } from '../../../src/calendar/period.ts';
import { periodEnd, periodStart } from '../../../src/calendar/period.ts';

describe('periodStart', () => {
  it.each<[Period, string, string, string]>([
    ['hour', 'America/New_York', '2026-11-18T12:34:56.789-05:00', '2026-11-18T12:00:00-05:00'],
    ['hour', 'Asia/Kathmandu', '2026-11-18T12:34:56+05:45', '2026-11-18T12:00:00+05:45'],
    ['day', 'America/New_York', '2026-11-18T00:00:00-05:00', '2026-11-18T00:00:00-05:00'],
    ['day', 'America/New_York', '2026-11-17T23:59:59.999-05:00', '2026-11-17T00:00:00-05:00'],
    ['week', 'America/New_York', '2026-11-18T12:00:00-05:00', '2026-11-16T00:00:00-05:00'],
    ['week', 'America/New_York', '2026-11-15T23:59:59-05:00', '2026-11-09T00:00:00-05:00'],
    ['week', 'America/New_York', '2026-11-16T00:00:00-05:00', '2026-11-16T00:00:00-05:00'],
    ['month', 'America/New_York', '2026-11-30T23:59:59-05:00', '2026-11-01T00:00:00-04:00'],
    ['month', 'Australia/Sydney', '2026-10-31T00:00:00+11:00', '2026-10-01T00:00:00+10:00'],
    ['month', 'Europe/London', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00Z'],
    // Both edges: the day of 23 and the day of 25 hours, from each side of the change.
    ['day', 'America/New_York', '2026-03-08T12:00:00-04:00', '2026-03-08T00:00:00-05:00'],
    ['day', 'America/New_York', '2026-11-01T12:00:00-05:00', '2026-11-01T00:00:00-04:00'],
    ['day', 'America/Chicago', '2026-11-01T01:30:00-05:00', '2026-11-01T00:00:00-05:00'],
    ['day', 'America/Chicago', '2026-11-01T01:30:00-06:00', '2026-11-01T00:00:00-05:00'],
    ['day', 'America/Phoenix', '2026-03-08T12:00:00-07:00', '2026-03-08T00:00:00-07:00'],
    ['day', 'Europe/London', '2026-03-29T12:00:00+01:00', '2026-03-29T00:00:00Z'],
    ['day', 'Australia/Sydney', '2026-10-04T12:00:00+11:00', '2026-10-04T00:00:00+10:00'],
    ['week', 'Australia/Sydney', '2026-04-05T12:00:00+10:00', '2026-03-30T00:00:00+11:00'],
    // The hour that comes twice is two hours; the half hour that Lord Howe skips ends an hour early.
    ['hour', 'America/New_York', '2026-11-01T01:30:00-04:00', '2026-11-01T01:00:00-04:00'],
    ['hour', 'America/New_York', '2026-11-01T01:30:00-05:00', '2026-11-01T01:00:00-05:00'],
    ['hour', 'Australia/Lord_Howe', '2026-10-04T02:45:00+11:00', '2026-10-04T02:30:00+11:00'],
    // Midnight skipped (Santiago) and midnight twice (Havana).
    ['day', 'America/Santiago', '2024-09-08T12:00:00-03:00', '2024-09-08T01:00:00-03:00'],
    ['day', 'America/Havana', '2026-11-01T00:30:00-04:00', '2026-11-01T00:00:00-04:00'],
    ['day', 'America/Havana', '2026-11-01T12:00:00-05:00', '2026-11-01T00:00:00-04:00'],
  ])('of the %s in %s at %s is %s', (per, zone, at, start) => {
    expect(new Date(periodStart(per, zone, Date.parse(at))).toISOString()).toBe(
      new Date(Date.parse(start)).toISOString(),
    );
  });

  it('of `ever` is the epoch', () => {
    expect(periodStart('ever', 'America/New_York', Date.now())).toBe(0);
  });

  it('is the same all through the period, and not after the instant asked for', () => {
    const zones = ['America/New_York', 'Europe/London', 'Australia/Sydney', 'America/Havana', 'Asia/Beirut'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom<Period>('hour', 'day', 'week', 'month'),
        fc.integer({ min: Date.parse('2024-01-01T00:00Z'), max: Date.parse('2027-01-01T00:00Z') }),
        (zone, per, at) => {
          const start = periodStart(per, zone, at);
          expect(start).toBeLessThanOrEqual(at);
          expect(periodStart(per, zone, start)).toBe(start);
          expect(periodStart(per, zone, Math.floor((start + at) / 2))).toBe(start);
          expect(periodStart(per, zone, start - 1)).toBeLessThan(start);
          if (per === 'day') {
            const clock = localClock(zone);
            expect(dayOf(clock.wall(start))).toBe(dayOf(clock.wall(at)));
            expect(dayOf(clock.wall(start - 1))).toBeLessThan(dayOf(clock.wall(at)));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('parseDay', () => {
  it.each(['2026-02-29', '2026-13-01', '2026-1-1', 'today', ''])('refuses %j', (text) => {
    expect(parseDay(text)).toBeNull();
  });
});

describe('periodEnd', () => {
  it.each<['day' | 'week' | 'month', string, string, string]>([
    ['day', 'America/New_York', '2026-11-18T23:59:59.999-05:00', '2026-11-19T00:00:00-05:00'],
    ['day', 'America/New_York', '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00'],
    ['day', 'America/New_York', '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'],
    ['week', 'America/New_York', '2026-11-16T00:00:00-05:00', '2026-11-23T00:00:00-05:00'],
    ['week', 'America/New_York', '2026-11-15T12:00:00-05:00', '2026-11-16T00:00:00-05:00'],
    ['month', 'America/New_York', '2026-12-31T23:59:59-05:00', '2027-01-01T00:00:00-05:00'],
    ['month', 'Europe/London', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
    // Midnight is skipped: the day begins at one.
    ['day', 'America/Santiago', '2026-09-05T12:00:00-04:00', '2026-09-06T01:00:00-03:00'],
  ])('of the %s in %s at %s is %s', (per, zone, at, expected) => {
    expect(new Date(periodEnd(per, zone, Date.parse(at))).toISOString()).toBe(
      new Date(expected).toISOString(),
    );
  });

  it('is where the next period starts: no instant lies in two, or in none', () => {
    const zones = ['America/New_York', 'America/Santiago', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'];
    fc.assert(
      fc.property(
        fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        fc.constantFrom(...zones),
        fc.integer({ min: Date.parse('2020-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') }),
        (per, zone, at) => {
          const end = periodEnd(per, zone, at);
          expect(end).toBeGreaterThan(at);
          expect(periodStart(per, zone, end)).toBe(end);
          expect(periodStart(per, zone, end - 1)).toBe(periodStart(per, zone, at));
        },
      ),
    );
  });
});

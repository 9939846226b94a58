import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Leases, type Attempted, type Lease } from '../../../../src/calls/counts/leases.ts';
import { Performance } from '../../../../src/calls/counts/performance.ts';
import { Tally } from '../../../../src/calls/counts/tally.ts';
import { UsageBook } from '../../../../src/calls/counts/usage.ts';
import { ClockChange } from '../../../../src/calls/counts/change-clocks.ts';
import { remember } from '../../../../src/calls/counts/remember.ts';
import type { Quarter } from '../../../../src/records/remembered.ts';
import { Limited, reached } from '../../../../src/routing/limits.ts';
import type { Subject } from '../../../../src/routing/network.ts';
import { world } from '../../routing/world.ts';

const zones: Readonly<Record<string, string>> = {
  'buyer:york': 'America/New_York',
  'buyer:sydney': 'Australia/Sydney',
  'buyer:howe': 'Australia/Lord_Howe',
};
const book = () => new UsageBook((subject) => zones[subject] ?? 'UTC');
const tally = () => new Tally(book());
const none = () => null;
const at = (text: string) => Date.parse(text);

describe('counts by period', () => {
  test.each<[string, Subject, 'hour' | 'day' | 'week' | 'month' | 'ever', string, string, number]>([
    ['the same hour', 'buyer:york', 'hour', '2026-11-02T15:05:00Z', '2026-11-02T15:59:59.999Z', 1],
    ['the next hour', 'buyer:york', 'hour', '2026-11-02T15:59:59Z', '2026-11-02T16:00:00Z', 0],
    ['before local midnight', 'buyer:york', 'day', '2026-11-03T04:59:00Z', '2026-11-03T04:59:59.999Z', 1],
    ['at local midnight', 'buyer:york', 'day', '2026-11-03T04:59:00Z', '2026-11-03T05:00:00Z', 0],
    ['a day of 25 hours', 'buyer:york', 'day', '2026-11-01T04:00:00Z', '2026-11-02T04:59:59.999Z', 1],
    ['a day of 23 hours', 'buyer:york', 'day', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 0],
    [
      'another zone has another midnight',
      'buyer:sydney',
      'day',
      '2026-11-02T12:59:00Z',
      '2026-11-02T13:00:00Z',
      0,
    ],
    ['an hour of 90 minutes', 'buyer:howe', 'hour', '2026-04-04T14:35:00Z', '2026-04-04T14:55:00Z', 1],
    ['Monday', 'buyer:york', 'week', '2026-11-02T04:59:00Z', '2026-11-02T05:00:00Z', 0],
    ['Sunday', 'buyer:york', 'week', '2026-10-26T05:00:00Z', '2026-11-02T04:59:00Z', 1],
    ['the first of the month', 'buyer:york', 'month', '2026-10-31T12:00:00Z', '2026-11-01T04:00:00Z', 0],
    ['for ever', 'buyer:york', 'ever', '2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z', 1],
  ])('%s', (_name, subject, per, happened, asked, expected) => {
    const counts = tally();
    counts.count([subject], 'connected', 1, at(happened));
    expect(counts.counted(subject, 'connected', per, at(asked))).toBe(expected);
  });

  test('what is told late counts for no period but its own', () => {
    const counts = tally();
    counts.count(['buyer:york'], 'converted', 1, at('2026-11-03T12:00:00Z'));
    counts.count(['buyer:york'], 'converted', 1, at('2026-11-02T12:00:00Z'));
    expect(counts.counted('buyer:york', 'converted', 'day', at('2026-11-03T13:00:00Z'))).toBe(1);
    expect(counts.counted('buyer:york', 'converted', 'ever', at('2026-11-03T13:00:00Z'))).toBe(2);
  });
});

const all: readonly Subject[] = ['buyer:a', 'trunk:t', 'campaign:c', 'publisher:p'];

test('leases are never negative, and zero once all are released, however often and in whatever order', () => {
  const subjects = fc.subarray<Subject>([...all], { minLength: 1 });
  const lease = fc.record({
    call: fc.constantFrom('1', '2'),
    buyer: fc.constantFrom('a', 'b'),
    subjects,
    worth: fc.constantFrom(0, 5, 45),
  });
  const steps = fc.array(
    fc.tuple(fc.constantFrom('take', 'connect', 'release', 'await', 'settle'), fc.nat(20)),
  );
  fc.assert(
    fc.property(fc.array(lease, { minLength: 1, maxLength: 12 }), steps, (wanted, todo) => {
      const usages = book();
      const leases = new Leases(usages);
      const taken = new Map<number, Lease>();
      const waiting: (() => void)[] = [];
      for (const [step, which] of todo) {
        const one = wanted[which % wanted.length]!;
        const held = taken.get(which);
        if (step === 'take' && !held) taken.set(which, taking(leases, one));
        if (step === 'connect') held?.connected();
        if (step === 'release') held?.release();
        if (step === 'await') waiting.push(leases.await(one));
        if (step === 'settle') waiting[which % Math.max(1, waiting.length)]?.();
        for (const usage of all.map((subject) => usages.of(subject))) {
          expect(usage.live(null)).toBeGreaterThanOrEqual(usage.ringing(null));
          expect(usage.ringing(null)).toBeGreaterThanOrEqual(0);
          expect(usage.mayConvert(null)).toBeGreaterThanOrEqual(usage.live(null));
          expect(usage.reserved(null)).toBeGreaterThanOrEqual(0);
          expect(usage.reserved('1') + usage.reserved('2')).toBeGreaterThanOrEqual(usage.reserved(null));
        }
      }
      for (const held of taken.values()) held.release();
      for (const settle of waiting) settle();
      for (const usage of all.map((subject) => usages.of(subject))) {
        expect([usage.live(null), usage.ringing(null), usage.mayConvert(null), usage.reserved(null)]).toEqual(
          [0, 0, 0, 0],
        );
      }
    }),
  );
});

test('a call is one on its campaign, and as many on the trunk as it has INVITEs there', () => {
  const usages = book();
  const leases = new Leases(usages);
  const [a] = ['a', 'b'].map((buyer) =>
    taking(leases, {
      call: 'call',
      buyer,
      subjects: [`buyer:${buyer}`, 'campaign:solar', 'trunk:pbx'],
      worth: 0,
    }),
  );
  expect(usages.of('campaign:solar').live(null)).toBe(1);
  expect(usages.of('trunk:pbx').live(null)).toBe(2);
  a?.release();
  expect(usages.of('campaign:solar').live(null)).toBe(1);
  expect(usages.of('trunk:pbx').live(null)).toBe(1);
});

test('a call is not in its own way: another buyer of its ring group is asked for besides it', () => {
  const usages = book();
  const leases = new Leases(usages);
  taking(leases, { call: 'call', buyer: 'a', subjects: ['buyer:a', 'campaign:solar'], worth: 9 });
  taking(leases, { call: 'other', buyer: 'b', subjects: ['buyer:b', 'campaign:solar'], worth: 4 });
  const campaign = usages.of('campaign:solar');
  expect([campaign.live(null), campaign.ringing(null), campaign.mayConvert(null)]).toEqual([2, 2, 2]);
  expect([campaign.live('call'), campaign.ringing('call'), campaign.mayConvert('call')]).toEqual([1, 1, 1]);
  expect([campaign.reserved(null), campaign.reserved('call'), campaign.reserved('other')]).toEqual([
    13, 4, 9,
  ]);
  expect(usages.of('buyer:b').live('call')).toBe(1);
});

test('a limit that is reached takes nothing', () => {
  const usages = book();
  const full = { buyer: 'a', rule: 'concurrency', seen: 1, limit: 1 } as const;
  const attempted = { call: 'call', buyer: 'a', subjects: ['buyer:a'] as const, worth: 1 };
  expect(new Leases(usages).take(attempted, () => full)).toEqual(full);
  expect(usages.of('buyer:a').live(null)).toBe(0);
  expect(usages.of('buyer:a').reserved(null)).toBe(0);
});

describe('a buyer moves to another zone', () => {
  const quarter = (text: string): Quarter => ({
    ...{ campaign: 'solar', publisher: 'clickwise', buyer: 'sunrise', trunk: 'pbx', at: at(text) },
    ...{ lastAttemptAt: null, attempted: 1, connected: 1, converted: 0, revenue: 5n },
  });
  // In New York it is Tuesday the 3rd, 23:30; in Sydney Wednesday the 4th, 15:30; in Honolulu Tuesday, 18:30.
  const now = at('2026-11-04T04:30:00Z');
  const past = [
    '2026-11-03T03:00:00Z',
    '2026-11-03T12:00:00Z',
    '2026-11-03T14:00:00Z',
    '2026-11-04T04:00:00Z',
  ];

  const move = (usages: UsageBook, zone: string, quarters: readonly Quarter[]) => {
    const change = new ClockChange(usages, () => zone, now);
    for (const quarter of quarters) change.take([quarter]);
    change.install();
  };

  test.each([
    ['Australia/Sydney', 2, '2026-11-04T12:59:59Z', '2026-11-04T13:00:00Z'],
    ['Pacific/Honolulu', 3, '2026-11-04T09:59:59Z', '2026-11-04T10:00:00Z'],
  ])('%s: its day began, and ends, by the new clock', (zone, today, lastInstant, nextDay) => {
    let zoneNow = 'America/New_York';
    const usages = new UsageBook(() => zoneNow);
    const quarters = past.map(quarter);
    remember({ tally: new Tally(usages) }, quarters, []);
    const buyer = usages.of('buyer:sunrise');
    expect(buyer.happened('connected', 'day', now)).toBe(3);
    // The records lag behind by one that has just been counted.
    buyer.count('connected', 1, now);
    zoneNow = zone;
    move(usages, zoneNow, quarters);
    expect(buyer.happened('connected', 'day', now)).toBe(today + 1);
    expect(buyer.happened('revenue', 'day', now)).toBe(today * 5);
    expect(buyer.happened('connected', 'ever', now)).toBe(past.length + 1);
    expect(buyer.happened('connected', 'day', at(lastInstant))).toBe(today + 1);
    expect(buyer.happened('connected', 'day', at(nextDay))).toBe(0);
    buyer.count('connected', 1, at(nextDay));
    expect(buyer.happened('connected', 'day', at(nextDay))).toBe(1);
  });

  test('counts as if it had always been there, whenever it moves', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 40 * 96 }), { maxLength: 40 });
    const some = fc.constantFrom('America/New_York', 'Australia/Sydney', 'Pacific/Honolulu', 'Europe/London');
    fc.assert(
      fc.property(instants, some, some, (agos, from, to) => {
        const quarters = agos
          .toSorted((a, b) => b - a)
          .map((ago) => quarter(new Date(now - ago * 900_000).toISOString()));
        let zoneNow = from;
        const moving = new UsageBook(() => zoneNow);
        const staying = new UsageBook(() => to);
        for (const usages of [moving, staying]) remember({ tally: new Tally(usages) }, quarters, []);
        zoneNow = to;
        move(moving, zoneNow, quarters);
        for (const per of ['hour', 'day', 'week', 'month', 'ever'] as const) {
          const [moved, stayed] = [moving, staying].map((usages) =>
            usages.of('buyer:sunrise').happened('connected', per, now),
          );
          expect(moved, per).toBe(stayed);
        }
      }),
    );
  });
});

test('no cap on revenue is passed but by the call that reaches it, however calls cross', () => {
  const worth = 45;
  const limit = 100;
  const cap = new Limited('buyer:a', {
    concurrency: null,
    caps: [
      { count: 'revenue', per: 'day', limit },
      { count: 'converted', per: 'day', limit: 4 },
    ],
  });
  const now = at('2026-11-04T04:30:00Z');
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('take', 'connect', 'release', 'settle for all', 'settle for nothing'),
      fc.nat(7),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (todo) => {
      const usages = book();
      const [leases, settled] = [new Leases(usages), new Tally(usages)];
      const seen = { ...world({ now }), usages };
      const calls = new Map<number, { lease: Lease; settle?: () => void; isOver?: true }>();
      let earned = 0;
      for (const [step, which] of todo) {
        const call = calls.get(which);
        if (step === 'take' && !call) {
          const attempted = { call: `${which}`, buyer: 'a', subjects: ['buyer:a'] as const, worth };
          const full = { buyer: 'a', rule: 'cap', seen: null, limit } as const;
          const lease = leases.take(attempted, () => (cap.reachedIn(seen) === reached.nothing ? null : full));
          if (!('rule' in lease)) calls.set(which, { lease });
        }
        if (step === 'connect' && call && !call.settle && !call.isOver) {
          call.lease.connected();
          call.settle = leases.await({ call: `${which}`, buyer: 'a', subjects: ['buyer:a'], worth });
        }
        if (step === 'release' && call) {
          call.lease.release();
          if (!call.settle) call.isOver = true;
        }
        if (step.startsWith('settle') && call?.settle && !call.isOver) {
          call.lease.release();
          call.settle();
          call.isOver = true;
          if (step === 'settle for all') {
            earned += worth;
            settled.count(['buyer:a'], 'revenue', worth, now);
            settled.count(['buyer:a'], 'converted', 1, now);
          }
        }
        expect(earned).toBeLessThan(limit + worth);
        expect(usages.of('buyer:a').counted('revenue', 'day', now, null)).toBeGreaterThanOrEqual(earned);
      }
    }),
  );
});

describe('performance', () => {
  const day = 86_400_000;
  test('sums what lies in the window, whatever the order of arrival', () => {
    const performance = new Performance(7 * day);
    const now = at('2026-11-10T12:00:00Z');
    performance.add('solar', 'a', { attempts: 2, revenue: 45 }, now - day);
    performance.add('solar', 'a', { attempts: 1 }, now - 3 * day);
    performance.add('solar', 'a', { revenue: 45 }, now - day);
    performance.add('solar', 'b', { attempts: 9 }, now);
    expect(performance.over('solar', 'a', now - 2 * day)).toEqual({ attempts: 2, revenue: 90 });
    expect(performance.over('solar', 'a', now - 7 * day)).toEqual({ attempts: 3, revenue: 90 });
    expect(performance.over('solar', 'nobody', 0)).toEqual({ attempts: 0, revenue: 0 });
  });
});

function taking(leases: Leases, attempted: Attempted): Lease {
  const lease = leases.take(attempted, none);
  if ('rule' in lease) throw new Error('nothing limits it');
  return lease;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Leases, type Attempted, type Lease } from '../../../src/calls/leases.ts';
import { Performance } from '../../../src/calls/performance.ts';
import { Tally } from '../../../src/calls/tally.ts';
import { UsageBook } from '../../../src/calls/usage.ts';
import type { Subject } from '../../../src/routing/network.ts';

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

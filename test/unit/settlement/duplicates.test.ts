import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSpan } from '../../../src/conditions/duration.ts';
import { Duplicates } from '../../../src/settlement/duplicates.ts';
import { inWords, nearer, type OtherCall } from '../../../src/settlement/other-call.ts';
import type { TermsBook } from '../../../src/settlement/terms.ts';

const day = 86_400_000;

describe('the call that another is a duplicate of', () => {
  it('is told with how far it was', () => {
    expect(inWords({ call: 'a', before: 3 * day })).toBe('call a, 3 days before');
    expect(inWords({ call: 'a', before: -90_000 })).toBe('call a, 1 min 30 s after');
    expect(inWords({ call: 'a', before: 0 })).toBe('call a, at the same moment');
  });

  it.each([
    [1, '0.001 s'],
    [59_999, '59.999 s'],
    [60_000, '1 min'],
    [843_999, '14 min 3 s'],
    [3_600_000, '1 h'],
    [day - 1, '23 h 59 min'],
    [day, '1 day'],
    [30 * day - 1, '29 days 23 h'],
  ])('%d ms is %s', (ms, words) => {
    expect(formatSpan(ms)).toBe(words);
  });

  it('is the same in whatever order they are looked at', () => {
    const others = fc.uniqueArray(
      fc.record({ call: fc.constantFrom('a', 'b', 'c', 'd'), before: fc.integer({ min: -3, max: 3 }) }),
      { minLength: 1, selector: ({ call }) => call },
    );
    const nearest = (all: readonly OtherCall[]) => all.reduce<OtherCall | null>(nearer, null);
    fc.assert(
      fc.property(others, (all) => {
        const found = nearest(all);
        expect(nearest([...all].reverse())).toEqual(found);
        for (const one of all) expect(Math.abs(one.before)).toBeGreaterThanOrEqual(Math.abs(found!.before));
      }),
    );
    const [earlier, later] = [
      { call: 'b', before: 5 },
      { call: 'a', before: -5 },
    ];
    expect(nearer(later, earlier)).toBe(earlier);
  });
});

describe('duplicates', () => {
  const book: TermsBook = {
    ...{ currency: 'USD', minorDigits: 2, timezone: 'UTC', hold: 0, publishers: new Map() },
    buyers: new Map([['sunrise', { buyer: 'sunrise', revenue: [], oncePerCaller: day }]]),
    campaigns: new Map([
      [
        'solar',
        { campaign: 'solar', payout: [], oncePerCaller: 2 * day, disputes: { within: null, payout: 'keep' } },
      ],
    ]),
  };
  const call = (name: string, at: number, from: string | null = '+1') => ({
    ...{ call: name, from, buyer: 'sunrise', campaign: 'solar', publisher: 'clickwise' },
    ...{ startedAt: at - 3_000, connectedAt: at },
  });
  const worth = { revenue: 1n, payout: 1n };

  it('lie within the window, a millisecond less than all of it away', () => {
    const duplicates = new Duplicates();
    duplicates.add(call('first', 0), worth);
    expect(duplicates.of(call('next', day - 1), book)).toEqual({
      billed: { call: 'first', before: day - 1 },
      paid: { call: 'first', before: day - 1 },
    });
    expect(duplicates.of(call('next', day), book)).toMatchObject({ billed: null, paid: { call: 'first' } });
    expect(duplicates.of(call('next', 2 * day), book)).toEqual({ billed: null, paid: null });
    expect(duplicates.of(call('before', -5), book)).toMatchObject({ billed: { before: -5 } });
  });

  it('are nobody’s who withholds the number, and none of what nobody paid for', () => {
    const duplicates = new Duplicates();
    duplicates.add(call('hidden', 0, null), worth);
    duplicates.add(call('free', 0, '+2'), { revenue: 0n, payout: 0n });
    for (const from of [null, '+2'])
      expect(duplicates.of(call('next', 1, from), book)).toEqual({ billed: null, paid: null });
  });
});

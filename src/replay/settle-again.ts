/**
 * Recorded calls, evaluated under other terms: in the order in which they were settled, each seeing what the terms come
 * to for those before it. Nobody is routed anew, and nothing is written.
 */
import type { CallToSettle } from '../records/calls-to-settle.ts';
import { BatchPast } from '../records/loader/batch-past.ts';
import type { CallUnderTerms } from '../records/loader/past.ts';
import { settle, type Past, type Settlement } from '../settlement/settle.ts';

export interface SettledAgain {
  readonly recorded: CallToSettle;
  readonly now: Settlement;
}

/** For each of the calls: itself under the terms, and what was settled before the first of all. */
export function settleAgain(
  calls: readonly CallToSettle[],
  under: readonly CallUnderTerms[],
  before: readonly Past[],
): readonly SettledAgain[] {
  const past = new BatchPast(under, before);
  return under.flatMap((each, at) => {
    const recorded = calls[at];
    if (!recorded) return [];
    const now = settle(recorded.facts, each.book, past.of(each));
    past.add(recorded.call, now);
    return [{ recorded, now }];
  });
}

/** Money in micro-units. */
export interface Difference {
  readonly id: string;
  /** Those of them whose amount changes. */
  readonly calls: number;
  readonly before: bigint;
  readonly after: bigint;
}

export interface Differences {
  readonly calls: number;
  readonly changed: readonly SettledAgain[];
  /** Payouts, of those for whom something changes. */
  readonly publishers: readonly Difference[];
  /** Revenues. */
  readonly buyers: readonly Difference[];
  readonly before: { readonly revenue: bigint; readonly payout: bigint };
  readonly after: { readonly revenue: bigint; readonly payout: bigint };
}

export function differences(all: readonly SettledAgain[]): Differences {
  const sum = (of: (one: SettledAgain) => bigint) => all.reduce((total, one) => total + of(one), 0n);
  return {
    calls: all.length,
    changed: all.filter(
      ({ recorded, now }) => recorded.revenue !== now.revenue || recorded.payout !== now.payout,
    ),
    publishers: byParty(all, ({ recorded, now }) => [recorded.call.publisher, recorded.payout, now.payout]),
    buyers: byParty(all, ({ recorded, now }) => [recorded.call.buyer, recorded.revenue, now.revenue]),
    before: {
      revenue: sum(({ recorded }) => recorded.revenue),
      payout: sum(({ recorded }) => recorded.payout),
    },
    after: { revenue: sum(({ now }) => now.revenue), payout: sum(({ now }) => now.payout) },
  };
}

function byParty(
  all: readonly SettledAgain[],
  of: (one: SettledAgain) => readonly [id: string | null, before: bigint, after: bigint],
): readonly Difference[] {
  const parties = new Map<string, Difference>();
  for (const one of all) {
    const [id, before, after] = of(one);
    if (id === null) continue;
    const sum = parties.get(id) ?? { id, calls: 0, before: 0n, after: 0n };
    const calls = sum.calls + (before === after ? 0 : 1);
    parties.set(id, { id, calls, before: sum.before + before, after: sum.after + after });
  }
  return [...parties.values()].filter(({ calls }) => calls > 0).sort((a, b) => (a.id < b.id ? -1 : 1));
}

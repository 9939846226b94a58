/** Two replays of the same calls side by side: what would have moved, calls and money. */
import type { Decided } from './replayed-call.ts';

/** Money in micro-units. */
export interface Side {
  readonly calls: number;
  readonly amount: bigint;
}

export interface Change {
  readonly id: string;
  readonly before: Side;
  readonly after: Side;
}

export interface Move {
  /** Null: no buyer. */
  readonly from: string | null;
  readonly to: string | null;
  readonly calls: number;
}

export interface Totals {
  readonly connected: number;
  readonly revenue: bigint;
  readonly payout: bigint;
}

export interface Comparison {
  readonly calls: number;
  /** Calls that ended before a buyer was looked for: they are as they were. */
  readonly notRouted: number;
  readonly recorded: Totals;
  readonly before: Totals;
  readonly after: Totals;
  /** Calls for which the replay of the old config comes to the buyer of the record. */
  readonly asRecorded: number;
  /** Connected calls under the new config whose talk was drawn from other calls of the buyer. */
  readonly drawn: number;
  /** Calls that would have come to another buyer, most first. */
  readonly moves: readonly Move[];
  /** Connected calls and revenue of each buyer that differs. */
  readonly buyers: readonly Change[];
  /** Connected calls and payout of each publisher that differs. */
  readonly publishers: readonly Change[];
}

/** Both of the same calls, in the same order. */
export function compare(before: readonly Decided[], after: readonly Decided[]): Comparison {
  const pairs = before.flatMap((old, index) => {
    const now = after[index];
    return now === undefined ? [] : [{ old, now }];
  });
  const routed = before.filter(({ outcome }) => outcome !== 'not_routed');
  const moves = new Map<string, Move>();
  for (const { old, now } of pairs) {
    if (old.buyer === now.buyer) continue;
    const key = JSON.stringify([old.buyer, now.buyer]);
    moves.set(key, { from: old.buyer, to: now.buyer, calls: (moves.get(key)?.calls ?? 0) + 1 });
  }
  return {
    calls: before.length,
    notRouted: before.length - routed.length,
    recorded: totals(
      before.map(({ call }) => ({ ...call, outcome: call.connectedAt === null ? 'no_answer' : 'connected' })),
    ),
    before: totals(before),
    after: totals(after),
    asRecorded: routed.filter(({ call, buyer }) => call.buyer === buyer).length,
    drawn: after.filter(({ isDrawn }) => isDrawn).length,
    moves: [...moves.values()].sort((a, b) => b.calls - a.calls),
    buyers: changes(before, after, ({ buyer, revenue }) => ({ id: buyer, amount: revenue })),
    publishers: changes(before, after, ({ publisher, payout }) => ({ id: publisher, amount: payout })),
  };
}

function totals(all: readonly Pick<Decided, 'outcome' | 'revenue' | 'payout'>[]): Totals {
  return {
    connected: all.filter(({ outcome }) => outcome === 'connected').length,
    revenue: all.reduce((sum, { revenue }) => sum + revenue, 0n),
    payout: all.reduce((sum, { payout }) => sum + payout, 0n),
  };
}

type Share = (decided: Decided) => { readonly id: string | null; readonly amount: bigint };

/** Those for whom something differs, by name. */
function changes(before: readonly Decided[], after: readonly Decided[], share: Share): readonly Change[] {
  const [old, now] = [sides(before, share), sides(after, share)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names
    .map((id) => ({ id, before: old.get(id) ?? none, after: now.get(id) ?? none }))
    .filter(
      (change) => change.before.calls !== change.after.calls || change.before.amount !== change.after.amount,
    );
}

const none: Side = { calls: 0, amount: 0n };

function sides(all: readonly Decided[], share: Share): ReadonlyMap<string, Side> {
  const found = new Map<string, Side>();
  for (const one of all) {
    const { id, amount } = share(one);
    if (id === null || one.outcome !== 'connected') continue;
    const { calls, amount: sum } = found.get(id) ?? none;
    found.set(id, { calls: calls + 1, amount: sum + amount });
  }
  return found;
}

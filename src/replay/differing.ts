/** What recorded calls come to under other terms, set beside what they came to: summed up call by call. */
import type { CallToSettle } from '../records/calls-to-settle.ts';
import type { Settlement } from '../settlement/settle.ts';

export interface SettledAgain {
  readonly recorded: CallToSettle;
  readonly now: Settlement;
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
  /** Calls that come to another amount. */
  readonly changed: number;
  /** Payouts, of those for whom something changes. */
  readonly publishers: readonly Difference[];
  /** Revenues. */
  readonly buyers: readonly Difference[];
  readonly before: Amounts;
  readonly after: Amounts;
}

export interface Amounts {
  readonly revenue: bigint;
  readonly payout: bigint;
}

export class Differing {
  readonly #onChange: (one: SettledAgain) => void;
  readonly #publishers = new Map<string, Difference>();
  readonly #buyers = new Map<string, Difference>();
  #calls = 0;
  #changed = 0;
  #before: Amounts = { revenue: 0n, payout: 0n };
  #after: Amounts = { revenue: 0n, payout: 0n };

  constructor(onChange: (one: SettledAgain) => void) {
    this.#onChange = onChange;
  }

  add(one: SettledAgain): void {
    const { recorded, now } = one;
    this.#calls++;
    this.#before = sum(this.#before, recorded);
    this.#after = sum(this.#after, now);
    note(this.#publishers, recorded.call.publisher, recorded.payout, now.payout);
    note(this.#buyers, recorded.call.buyer, recorded.revenue, now.revenue);
    if (recorded.revenue === now.revenue && recorded.payout === now.payout) return;
    this.#changed++;
    this.#onChange(one);
  }

  differences(): Differences {
    return {
      ...{ calls: this.#calls, changed: this.#changed, before: this.#before, after: this.#after },
      publishers: changedOf(this.#publishers),
      buyers: changedOf(this.#buyers),
    };
  }
}

const sum = (one: Amounts, other: Amounts): Amounts => ({
  revenue: one.revenue + other.revenue,
  payout: one.payout + other.payout,
});

function note(parties: Map<string, Difference>, id: string | null, before: bigint, after: bigint): void {
  if (id === null) return;
  const known = parties.get(id) ?? { id, calls: 0, before: 0n, after: 0n };
  const calls = known.calls + (before === after ? 0 : 1);
  parties.set(id, { id, calls, before: known.before + before, after: known.after + after });
}

const changedOf = (parties: ReadonlyMap<string, Difference>): readonly Difference[] =>
  [...parties.values()].filter(({ calls }) => calls > 0).sort((a, b) => (a.id < b.id ? -1 : 1));

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

/** Summed up call by call: what each replay decided of it, however long after the other. */
export class Comparing {
  readonly #waiting = new Map<string, { old?: Decided; now?: Decided }>();
  readonly #moves = new Map<string, Move>();
  readonly #buyers = new Map<string, Sides>();
  readonly #publishers = new Map<string, Sides>();
  readonly #recorded = new Sum();
  readonly #before = new Sum();
  readonly #after = new Sum();
  #calls = 0;
  #notRouted = 0;
  #asRecorded = 0;
  #drawn = 0;

  readonly decidedBefore = (old: Decided): void => this.#pair(old, { old });
  readonly decidedAfter = (now: Decided): void => this.#pair(now, { now });

  comparison(): Comparison {
    return {
      ...{ calls: this.#calls, notRouted: this.#notRouted, asRecorded: this.#asRecorded, drawn: this.#drawn },
      recorded: this.#recorded.totals(),
      before: this.#before.totals(),
      after: this.#after.totals(),
      moves: [...this.#moves].sort(mostFirst).map(([, move]) => move),
      buyers: changesOf(this.#buyers),
      publishers: changesOf(this.#publishers),
    };
  }

  #pair({ call }: Decided, half: { old?: Decided; now?: Decided }): void {
    const { old, now } = { ...this.#waiting.get(call.id), ...half };
    if (old && now) {
      this.#waiting.delete(call.id);
      this.#add(old, now);
    } else this.#waiting.set(call.id, half);
  }

  #add(old: Decided, now: Decided): void {
    const { call } = old;
    this.#calls++;
    if (old.outcome === 'not_routed') this.#notRouted++;
    else if (call.buyer === old.buyer) this.#asRecorded++;
    if (now.isDrawn) this.#drawn++;
    this.#recorded.add(call.connectedAt !== null, call);
    this.#before.add(old.outcome === 'connected', old);
    this.#after.add(now.outcome === 'connected', now);
    for (const [side, one] of [
      ['before', old],
      ['after', now],
    ] as const) {
      if (one.outcome !== 'connected') continue;
      note(this.#buyers, one.buyer, side, one.revenue);
      note(this.#publishers, one.publisher, side, one.payout);
    }
    if (old.buyer === now.buyer) return;
    const key = JSON.stringify([old.buyer, now.buyer]);
    const calls = (this.#moves.get(key)?.calls ?? 0) + 1;
    this.#moves.set(key, { from: old.buyer, to: now.buyer, calls });
  }
}

/** Both of the same calls. */
export function compare(before: readonly Decided[], after: readonly Decided[]): Comparison {
  const comparing = new Comparing();
  before.forEach(comparing.decidedBefore);
  after.forEach(comparing.decidedAfter);
  return comparing.comparison();
}

class Sum {
  #connected = 0;
  #revenue = 0n;
  #payout = 0n;

  add(isConnected: boolean, { revenue, payout }: Pick<Decided, 'revenue' | 'payout'>): void {
    if (isConnected) this.#connected++;
    this.#revenue += revenue;
    this.#payout += payout;
  }

  totals(): Totals {
    return { connected: this.#connected, revenue: this.#revenue, payout: this.#payout };
  }
}

type Entry = readonly [key: string, move: Move];

/** Of as many calls, by name: whichever replay came to them first. */
const mostFirst = ([a, one]: Entry, [b, other]: Entry): number => other.calls - one.calls || (a < b ? -1 : 1);

type Sides = Pick<Change, 'before' | 'after'>;

const none: Side = { calls: 0, amount: 0n };

function note(parties: Map<string, Sides>, id: string | null, side: keyof Sides, amount: bigint): void {
  if (id === null) return;
  const known = parties.get(id) ?? { before: none, after: none };
  const { calls, amount: sum } = known[side];
  parties.set(id, { ...known, [side]: { calls: calls + 1, amount: sum + amount } });
}

/** Those for whom something differs, by name. */
const changesOf = (parties: ReadonlyMap<string, Sides>): readonly Change[] =>
  [...parties]
    .map(([id, sides]) => ({ id, ...sides }))
    .filter(({ before, after }) => before.calls !== after.calls || before.amount !== after.amount)
    .sort((a, b) => (a.id < b.id ? -1 : 1));

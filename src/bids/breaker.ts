/**
 * A bidder that fails again and again is left alone for a while, then tried with one question.
 *
 *     closed ── 5 failures in a row ──▶ open ── 30 s ──▶ on trial ── an answer ──▶ closed
 *                                         ▲                 │
 *                                         └─── a failure ───┘
 */
export const failuresToOpen = 5;
export const openForMs = 30_000;

type State =
  | { readonly kind: 'closed'; failures: number }
  | { readonly kind: 'open'; readonly from: number; readonly until: number }
  | { readonly kind: 'on_trial' };

/** Leave to ask one question: the state in which it was asked. */
export type Permit = Exclude<State, { kind: 'open' }>;
export type BreakerChange = 'opened' | 'closed';

export class Breaker {
  #state: State = { kind: 'closed', failures: 0 };

  /** Null: do not ask. Times are milliseconds of one clock. */
  permit(now: number): Permit | null {
    if (this.#state.kind === 'closed') return this.#state;
    if (this.#state.kind === 'on_trial') return null;
    // A time before it opened says that the clock was set back: it would stay open for as long as that.
    if (this.#state.from <= now && now < this.#state.until) return null;
    this.#state = { kind: 'on_trial' };
    return this.#state;
  }

  /** Returns what it changed. A question from before the last change says nothing of the bidder as it is now. */
  heard(asked: Permit, how: 'answer' | 'failure', now: number): BreakerChange | null {
    if (asked !== this.#state) return null;
    if (how === 'answer') return this.#close(asked);
    return this.#fail(asked, now);
  }

  #close(asked: Permit): BreakerChange | null {
    if (asked.kind === 'on_trial') {
      this.#state = { kind: 'closed', failures: 0 };
      return 'closed';
    }
    asked.failures = 0;
    return null;
  }

  #fail(asked: Permit, now: number): BreakerChange | null {
    if (asked.kind === 'closed') {
      asked.failures += 1;
      if (asked.failures < failuresToOpen) return null;
    }
    this.#state = { kind: 'open', from: now, until: now + openForMs };
    return 'opened';
  }
}

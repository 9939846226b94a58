/**
 * A trunk that fails again and again is left alone for a while, then tried with one call at a time.
 *
 *     closed ── failures in a row, or too many of the last calls ──▶ resting ── rest is over ──▶ half open
 *        ▲                                                              ▲                            │
 *        │                                                              │                       one call goes
 *        │                                                              │                            ▼
 *        └──────────────────────── it rang or was answered ─────────────┼────────────────────── on trial
 *                                                                       └──── it failed ────────────┘
 *
 * A call on trial that ends without telling (its caller left) makes room for the next one. Pure: the clock is an
 * argument, milliseconds since the epoch, and may be set back.
 */
import type { BreakerRule } from '../routing/network.ts';
import { Recent } from './recent.ts';

/** What a call says of its trunk. */
export type Verdict =
  | { readonly kind: 'works' }
  /** `got 503 Service Unavailable`, `could not be sent`. */
  | { readonly kind: 'failed'; readonly how: string }
  /** Nothing came back: the trunk is dead, or packets were lost. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'unknown' };

export type BreakerChange =
  { readonly kind: 'opened'; readonly why: string; readonly until: number } | { readonly kind: 'closed' };

interface Closed {
  readonly kind: 'closed';
  /** How the last ones failed, without a success between. */
  inARow: string[];
  /** How often it gave a sign of life. */
  heard: number;
  readonly recent: Recent<'failed' | 'works'>;
}

/** Of a trunk that has more calls within its window, the last so many tell. */
const mostRecent = 1_000;

interface Resting {
  readonly kind: 'resting';
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

type State = Closed | Resting | { readonly kind: 'on_trial'; readonly why: string };

/** Leave for one call: the state in which it went, and what had been heard of the trunk until then. */
export interface Permit {
  readonly state: Exclude<State, { kind: 'resting' }>;
  readonly heard: number;
}

export class TrunkBreaker {
  readonly rule: BreakerRule;
  #state: State;

  constructor(rule: BreakerRule) {
    this.rule = rule;
    this.#state = closed(rule);
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  /** Why no call may go now, and until when that stays so by itself; null: one may. */
  rests(now: number): { readonly why: string; readonly until: number | null } | null {
    const state = this.#state;
    if (state.kind === 'on_trial') return { why: `${state.why}; one call tries it`, until: null };
    return state.kind === 'resting' && lasts(state, now) ? state : null;
  }

  /** One call goes. Null: none may. */
  permit(now: number): Permit | null {
    const state = this.#state;
    if (state.kind === 'closed') return { state, heard: state.heard };
    if (state.kind === 'on_trial' || lasts(state, now)) return null;
    this.#state = { kind: 'on_trial', why: state.why };
    return { state: this.#state, heard: 0 };
  }

  /** The call rings: enough for a trial, whatever becomes of it. */
  rang({ state }: Permit): BreakerChange | null {
    if (state !== this.#state) return null;
    if (state.kind === 'on_trial') return this.#close();
    state.heard++;
    return null;
  }

  /** Returns what it changed. A call from before the last change says nothing of the trunk as it is now. */
  ended(permit: Permit, verdict: Verdict, now: number): BreakerChange | null {
    const { state, heard } = permit;
    if (state !== this.#state) return null;
    if (state.kind === 'closed') return this.#count(state, heard, verdict, now);
    switch (verdict.kind) {
      case 'works':
        return this.#close();
      case 'failed':
      case 'silent':
        return this.#open(`the call that tried it ${howOf(verdict)}`, now);
      case 'unknown':
        this.#state = { kind: 'resting', from: now, until: now, why: state.why };
        return null;
    }
  }

  #count(state: Closed, heard: number, verdict: Verdict, now: number): BreakerChange | null {
    if (verdict.kind === 'unknown') return null;
    const { failures, ratio } = this.rule;
    state.recent.add(verdict.kind === 'works' ? 'works' : 'failed', now);
    if (verdict.kind === 'works') {
      state.inARow = [];
      state.heard++;
      return null;
    }
    const how = howOf(verdict);
    // Somebody heard of it while this call did not: it lost packets, it is not dead.
    if (verdict.kind === 'failed' || heard === state.heard) state.inARow.push(how);
    if (state.inARow.length >= failures) return this.#open(inARow(state.inARow), now);
    const bad = state.recent.count(now, (one) => one === 'failed');
    const all = state.recent.size(now);
    return bad >= failures && bad >= ratio * all
      ? this.#open(`${bad} of its last ${all} calls failed, the last one ${how}`, now)
      : null;
  }

  #open(why: string, now: number): BreakerChange {
    const until = now + this.rule.rest;
    this.#state = { kind: 'resting', from: now, until, why };
    return { kind: 'opened', why, until };
  }

  #close(): BreakerChange {
    this.#state = closed(this.rule);
    return { kind: 'closed' };
  }
}

const closed = ({ over }: BreakerRule): Closed => ({
  kind: 'closed',
  inARow: [],
  heard: 0,
  recent: new Recent(over, mostRecent),
});

/** A time before it began says that the clock was set back: it would last for as long as that. */
const lasts = ({ from, until }: Resting, now: number): boolean => from <= now && now < until;

const howOf = (verdict: Extract<Verdict, { kind: 'failed' | 'silent' }>): string =>
  verdict.kind === 'silent' ? 'had no answer' : verdict.how;

function inARow(hows: readonly string[]): string {
  const [last = ''] = hows.slice(-1);
  if (hows.length === 1) return `a call ${last}`;
  const calls = `${hows.length} calls in a row`;
  return hows.every((how) => how === last) ? `${calls} ${last}` : `${calls} failed, the last one ${last}`;
}

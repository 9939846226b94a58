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
import type { BreakerRule } from '../../routing/network.ts';
import { Recent } from './recent.ts';

/** What a call says of its trunk. */
export type Verdict =
  | { readonly kind: 'works' }
  /** It had rung, and came to nothing: what there was to hear was told by `rang`. */
  | { readonly kind: 'worked' }
  /** `got 503 Service Unavailable`, `could not be sent`. */
  | { readonly kind: 'failed'; readonly how: string }
  /** Nothing came back: the trunk is dead, or packets were lost; where we are `deaf`, maybe by ourselves. */
  | { readonly kind: 'silent'; readonly deaf: boolean }
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

/** Leave for one call: the state in which it went, and how often this trunk and all of them had been heard of until then. */
export interface Permit {
  readonly state: Exclude<State, { kind: 'resting' }>;
  readonly heard: number;
  readonly heardOfAll: number;
}

/** How often any trunk gave a sign of life: one for all breakers. */
export interface SignsOfLife {
  heard: number;
}

export class TrunkBreaker {
  readonly rule: BreakerRule;
  readonly #ofAll: SignsOfLife;
  #state: State;

  constructor(rule: BreakerRule, ofAll: SignsOfLife = { heard: 0 }) {
    this.rule = rule;
    this.#ofAll = ofAll;
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
    const { heard: heardOfAll } = this.#ofAll;
    if (state.kind === 'closed') return { state, heard: state.heard, heardOfAll };
    if (state.kind === 'on_trial' || lasts(state, now)) return null;
    this.#state = { kind: 'on_trial', why: state.why };
    return { state: this.#state, heard: 0, heardOfAll };
  }

  /** The call rings: enough for a trial, whatever becomes of it. */
  rang({ state }: Permit): BreakerChange | null {
    return state === this.#state ? this.#heardOf(state) : null;
  }

  /** Returns what it changed. A call from before the last change says nothing of the trunk as it is now. */
  ended(permit: Permit, verdict: Verdict, now: number): BreakerChange | null {
    const { state } = permit;
    if (state !== this.#state) return null;
    if (state.kind === 'closed') return this.#count(state, permit, verdict, now);
    switch (verdict.kind) {
      case 'works':
      case 'worked':
        return this.#heardOf(state);
      case 'failed':
      case 'silent':
        return this.#open(`the call that tried it ${howOf(verdict)}`, now);
      case 'unknown':
        this.#state = { kind: 'resting', from: now, until: now, why: state.why };
        return null;
    }
  }

  #count(state: Closed, permit: Permit, verdict: Verdict, now: number): BreakerChange | null {
    switch (verdict.kind) {
      case 'unknown':
        return null;
      case 'works':
      case 'worked':
        state.recent.add('works', now);
        return verdict.kind === 'works' ? this.#heardOf(state) : null;
      case 'failed':
      case 'silent':
    }
    const { failures, ratio } = this.rule;
    const isDeaf = verdict.kind === 'silent' && verdict.deaf;
    if (!isDeaf) state.recent.add('failed', now);
    // Somebody heard of it while this call did not: it lost packets, it is not dead.
    const lostPackets = verdict.kind === 'silent' && permit.heard !== state.heard;
    // Who is deaf knows of a dead trunk only by those that are heard meanwhile.
    const heardNobody = isDeaf && permit.heardOfAll === this.#ofAll.heard;
    const how = howOf(verdict);
    if (!lostPackets && !heardNobody) state.inARow.push(how);
    if (state.inARow.length >= failures) return this.#open(inARow(state.inARow), now);
    const bad = state.recent.count(now, (one) => one === 'failed');
    const all = state.recent.size(now);
    return !isDeaf && bad >= failures && bad >= ratio * all
      ? this.#open(`${bad} of its last ${all} calls failed, the last one ${how}`, now)
      : null;
  }

  #heardOf(state: Permit['state']): BreakerChange | null {
    this.#ofAll.heard++;
    if (state.kind === 'on_trial') return this.#close();
    state.heard++;
    state.inARow = [];
    return null;
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

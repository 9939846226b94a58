/**
 * The SIP of the last calls, as it went over the wire, in a ring that is bounded in calls and in bytes. It is fed on the
 * calls' path, so it keeps what is there already and reads nothing: what a message says is looked at when it is asked for.
 */
import { isReceived, sipStart, type ReportFrame } from '../signalling/drachtio/wire-frame.ts';
import { callIdOf, hasToTag, tollbridgeCall, withoutDigits } from './on-the-path.ts';

/** One call's messages, of all its legs, in the order in which they were seen. */
export interface Kept {
  /** Null: a call that was turned away before it became one. */
  readonly call: string | null;
  /** Of the first message, milliseconds since the epoch. */
  readonly beganAt: number;
  /** SIP's Call-ID of each leg: the carrier's, then one for each INVITE to a buyer. */
  readonly legs: readonly string[];
  readonly messages: readonly KeptMessage[];
  /** Messages that were more than is kept of one call. */
  readonly leftOut: number;
}

export interface KeptMessage {
  /** Since the first message, milliseconds. */
  readonly after: number;
  /** 0: the carrier's; else the attempt's position, from 1. */
  readonly leg: number;
  readonly frame: ReportFrame;
}

export type Found =
  | { readonly ok: true; readonly kept: Kept }
  | { readonly ok: false; readonly reason: 'unknown_call' | 'ambiguous_call' };

/** A call of two legs with one menu and a BYE is 8 to 10 KB. */
const charactersACall = 65_536;
const charactersACallOnAverage = 16_384;
/** Calls that were turned away have room of their own: a flood of them drives no call out. */
const turnedAwayPer = 10;
/** As many letters as tables show. */
const shortestBeginning = 8;

type Trace = { -readonly [Key in keyof Kept]: Kept[Key] } & {
  readonly legs: string[];
  readonly messages: KeptMessage[];
  readonly began: number;
  characters: number;
};

export class TraceRing {
  /** How many calls; 0: none is kept. Asked anew each time. */
  readonly #most: () => number;
  readonly #isLive: (call: string) => boolean;
  readonly #clocks: { readonly now: () => number; readonly monotonic: () => number };
  readonly #calls = new Map<string, Trace>();
  /** By SIP's Call-ID: no call yet, or turned away. */
  readonly #nameless = new Map<string, Trace>();
  readonly #bySip = new Map<string, Trace>();
  #characters = 0;

  constructor(
    most: () => number,
    isLive: (call: string) => boolean,
    clocks: { readonly now: () => number; readonly monotonic: () => number } = {
      now: () => Date.now(),
      monotonic: () => performance.now(),
    },
  ) {
    this.#most = most;
    this.#isLive = isLive;
    this.#clocks = clocks;
  }

  /** What is held, in calls and in characters of text. */
  size(): { readonly calls: number; readonly characters: number } {
    return { calls: this.#calls.size + this.#nameless.size, characters: this.#characters };
  }

  /** A frame that carries SIP. Messages of dialogs that are no call's, the media server's among them, are passed over. */
  saw(frame: ReportFrame): void {
    const most = this.#most();
    if (most === 0) {
      if (this.#characters > 0) this.#shrink(0);
      return;
    }
    const start = sipStart(frame);
    const sipCallId = callIdOf(frame, start);
    if (sipCallId === null) return;
    let trace = this.#bySip.get(sipCallId);
    if (frame.startsWith('INVITE ', start)) trace = this.#opened(frame, start, sipCallId, trace);
    if (!trace) return;
    this.#keep(trace, sipCallId, withoutDigits(frame, start));
    this.#shrink(most);
  }

  /** The INVITE of this Call-ID became a call. */
  follow(call: string, sipCallId: string): void {
    const most = this.#most();
    const trace = this.#bySip.get(sipCallId);
    if (most === 0 || !trace || trace.call !== null) return;
    this.#nameless.delete(sipCallId);
    trace.call = call;
    this.#calls.set(call, trace);
    this.#shrink(most);
  }

  /** By a call's id, or how it begins; or by SIP's Call-ID, whole, of any leg. */
  find(named: string): Found {
    const kept = this.#calls.get(named) ?? this.#bySip.get(named);
    if (kept) return { ok: true, kept };
    if (named.length < shortestBeginning) return { ok: false, reason: 'unknown_call' };
    const [only, ...others] = [...this.#calls.keys()].filter((id) => id.startsWith(named));
    if (others.length > 0) return { ok: false, reason: 'ambiguous_call' };
    const found = only === undefined ? undefined : this.#calls.get(only);
    return found ? { ok: true, kept: found } : { ok: false, reason: 'unknown_call' };
  }

  /** An INVITE to a buyer names its call; one of a carrier begins one, unless it is inside a dialog. */
  #opened(frame: ReportFrame, start: number, sipCallId: string, known: Trace | undefined): Trace | undefined {
    if (!isReceived(frame)) {
      if (known) return known;
      const call = tollbridgeCall(frame, start);
      const trace = call === null ? undefined : this.#calls.get(call);
      if (trace) this.#addLeg(trace, sipCallId);
      return trace;
    }
    if (hasToTag(frame, start)) return known;
    // Whoever knows the Call-ID of a call that lives must not take its trace over.
    if (known && known.call !== null && this.#isLive(known.call)) return known;
    const { now, monotonic } = this.#clocks;
    const trace: Trace = {
      ...{ call: null, beganAt: now(), began: monotonic() },
      ...{ legs: [], messages: [], leftOut: 0, characters: 0 },
    };
    // A carrier that uses a Call-ID again, once its call is over, begins another.
    const before = this.#nameless.get(sipCallId);
    if (before) this.#forget(before);
    this.#addLeg(trace, sipCallId);
    this.#nameless.set(sipCallId, trace);
    return trace;
  }

  #addLeg(trace: Trace, sipCallId: string): void {
    trace.legs.push(sipCallId);
    this.#bySip.set(sipCallId, trace);
  }

  #keep(trace: Trace, sipCallId: string, frame: ReportFrame): void {
    if (trace.characters + frame.length > charactersACall) {
      trace.leftOut++;
      return;
    }
    const after = trace.messages.length === 0 ? 0 : this.#clocks.monotonic() - trace.began;
    trace.messages.push({ after, leg: trace.legs.indexOf(sipCallId), frame });
    trace.characters += frame.length;
    this.#characters += frame.length;
  }

  #shrink(most: number): void {
    const nameless = Math.ceil(most / turnedAwayPer);
    while (this.#nameless.size > nameless) this.#forgetOldest(this.#nameless);
    while (this.#calls.size > most) this.#forgetOldest(this.#calls);
    while (this.#characters > most * charactersACallOnAverage) {
      this.#forgetOldest(this.#nameless.size > 0 ? this.#nameless : this.#calls);
    }
  }

  #forgetOldest(among: ReadonlyMap<string, Trace>): void {
    for (const trace of among.values()) {
      this.#forget(trace);
      return;
    }
  }

  #forget(trace: Trace): void {
    for (const leg of trace.legs) if (this.#bySip.get(leg) === trace) this.#bySip.delete(leg);
    if (trace.call !== null) this.#calls.delete(trace.call);
    else if (trace.legs[0] !== undefined) this.#nameless.delete(trace.legs[0]);
    this.#characters -= trace.characters;
    trace.characters = 0;
  }
}

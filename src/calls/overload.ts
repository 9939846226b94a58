/**
 * How many new calls a second a busy switch takes, so that those it takes are carried well. Pure: what the event loop
 * went through and the clock are arguments.
 *
 *     free ── congested ──▶ limited: fewer at once, more bit by bit ── more than comes, for a while ──▶ free
 *       │                      │
 *       └── held up ───────────┴──▶ stalled: none at all ── delay under half ──▶ as before
 *
 * Nobody tells it what a call or a refusal costs: it takes fewer calls as long as the loop has no rest, and more once it
 * has, so that what refusing costs is found and paid for, too. One late second is a hiccup (a collection of garbage, a
 * neighbour on the machine), two are a load.
 *
 * A call passes through several loops, the main one and that of the embedded SIP server, which at a rate of direct calls
 * is the first to have no rest: whichever is worst off counts, each by both its figures, for a late timer of a loop that
 * rests and a loop without rest that is in time are no stall together. A real drachtio server is judged by how long it
 * takes to answer on its link.
 */
import type { Load } from '../event-loop.ts';

type Overloaded = 'stalled' | 'overloaded';

/** A loop that never rests works off a backlog that nobody sees: it waits in sockets. */
const neverRests = 0.98;
/** A late timer alone says little: a loop that rests in between keeps up, and waits for the machine, not for itself. */
const hardlyRests = 0.7;
/** Of `stall`: from here on calls are late for each other. */
const lateShare = 1 / 4;
const whenLate = 0.8;
const whenBusy = 0.93;
/** By how much more is taken each second: bit by bit, or at a run where the loop rests most of the time. */
const more = { bitByBit: 1.03, running: 1.25 };
const restsMostly = 0.5;
/** Calls a second: with fewer it would never learn that it can take more. */
const least = 2;
/** Of the rate: how much may come at once. */
const burst = 1 / 4;
/** How much more than comes a limit must leave, and for how many seconds, to be no limit. */
const ample = { times: 1.5, seconds: 5 };

export class Overload {
  #isStalled = false;
  /** Calls a second; null: as many as come. */
  #limit: number | null = null;
  #tokens = 0;
  #filledAt = 0;
  #admitted = 0;
  #offered = 0;
  #amplySince = 0;
  #wasLate = false;

  /** Calls a second that are taken now; null: no limit. */
  get limit(): number | null {
    return this.#limit;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Whether calls are turned away, or may be: there is nothing to spare for a mere courtesy. */
  get isOn(): boolean {
    return this.#isStalled || this.#limit !== null;
  }

  /** Once a second, the load of each loop that calls pass through. A `stall` of null: nothing is made of it. */
  observe(loads: readonly Load[], stall: number | null): void {
    const [admitted, offered] = [this.#admitted, this.#offered];
    this.#admitted = 0;
    this.#offered = 0;
    if (stall === null) {
      this.#isStalled = false;
      this.#limit = null;
      this.#wasLate = false;
      return;
    }
    const isLateBy = (ms: number) => loads.some(({ delay, busy }) => busy > hardlyRests && delay > ms);
    const busy = Math.max(...loads.map((load) => load.busy));
    const wasStalled = this.#isStalled;
    this.#isStalled = isLateBy(wasStalled ? stall / 2 : stall);
    // What a loop goes through that is given no calls says nothing of how many it can carry.
    if (wasStalled) return;
    const isLate = isLateBy(stall * lateShare);
    if (isLate && (this.#wasLate || busy >= neverRests)) this.#lower(admitted, whenLate);
    else if (busy >= neverRests) this.#lower(admitted, whenBusy);
    else if (!isLate) this.#raise(offered, busy);
    this.#wasLate = isLate;
  }

  /** Asked for each new call that nothing else speaks against; null: it is taken. Milliseconds of a clock that is never set. */
  refuses(now: number): Overloaded | null {
    this.#offered++;
    if (this.#isStalled) return 'stalled';
    if (this.#limit !== null) {
      const most = Math.max(1, this.#limit * burst);
      const passed = Math.max(0, now - this.#filledAt) / 1_000;
      this.#tokens = Math.min(most, this.#tokens + passed * this.#limit);
      this.#filledAt = now;
      if (this.#tokens < 1) return 'overloaded';
      this.#tokens--;
    }
    this.#admitted++;
    return null;
  }

  #lower(admitted: number, factor: number): void {
    const taken = this.#limit === null ? admitted : Math.min(admitted, this.#limit);
    // Whatever keeps a switch busy that takes hardly any calls, it is not the calls.
    if (this.#limit === null && taken * factor < least) return;
    this.#limit = Math.max(least, taken * factor);
    this.#amplySince = 0;
  }

  #raise(offered: number, busy: number): void {
    if (this.#limit === null) return;
    const factor = busy < restsMostly ? more.running : more.bitByBit;
    this.#limit = Math.max(this.#limit + 1, this.#limit * factor);
    this.#amplySince = this.#limit > ample.times * offered ? this.#amplySince + 1 : 0;
    if (this.#amplySince >= ample.seconds) this.#limit = null;
  }
}

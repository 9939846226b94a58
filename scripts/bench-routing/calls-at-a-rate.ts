/** Decisions at a steady rate on the event loop, and how long whatever is due has to wait for it. */
import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { attributesOf } from '../../src/routing/attributes.ts';
import { decide } from '../../src/routing/decide.ts';
import type { RoutingTable } from '../../src/routing/table.ts';
import { busyWorld, type BusyWorld } from './busy-world.ts';
import { madeUpCalls, type MadeUpCall } from './made-up-calls.ts';
import type { Scale } from './made-up-network.ts';
import { madeUpPast } from './made-up-past.ts';

/** Milliseconds. */
export interface Stall {
  /** Longest time that something due had to wait. */
  readonly longest: number;
  /** The same without the time in which the loop was ready to run and the machine gave its core to others. */
  readonly own: number;
  /** The longest pause for the garbage collector. */
  readonly gc: number;
}

const tickMs = 1;

export class CallsAtARate {
  readonly #table: () => RoutingTable;
  readonly #calls: readonly MadeUpCall[];
  readonly #world: BusyWorld;
  readonly #timer: NodeJS.Timeout;
  readonly #collections: PerformanceObserver;
  #longest = 0;
  #own = 0;
  #gc = 0;
  #decided = 0;

  constructor(scale: Scale, perSecond: number, table: () => RoutingTable) {
    this.#table = table;
    this.#calls = madeUpCalls(scale, 20_000);
    this.#world = busyWorld(table().network, madeUpPast(table().network, this.#calls));
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gc = Math.max(this.#gc, duration);
    });
    this.#collections.observe({ entryTypes: ['gc'] });
    const began = performance.now();
    let last = began;
    let waited = waitedForACore();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const waitedNow = waitedForACore();
      this.#longest = Math.max(this.#longest, now - last - tickMs);
      this.#own = Math.max(this.#own, now - last - tickMs - (waitedNow - waited));
      last = now;
      waited = waitedNow;
      const due = Math.floor(((now - began) * perSecond) / 1_000);
      // One a tick: calls that had to wait are no reason to let others wait longer.
      if (this.#decided < due) this.#decide(this.#decided++);
    }, tickMs);
  }

  /** The longest since it was last asked. */
  stallsSoFar(): Stall {
    const stall = { longest: this.#longest, own: this.#own, gc: this.#gc };
    this.#longest = this.#own = this.#gc = 0;
    return stall;
  }

  /** How many decisions there were. */
  stop(): number {
    clearInterval(this.#timer);
    this.#collections.disconnect();
    return this.#decided;
  }

  #decide(at: number): void {
    const call = this.#calls[at % this.#calls.length];
    const table = this.#table();
    const entry = call === undefined ? null : table.number(call.to);
    if (call === undefined || entry === null) return;
    const { country, timezone } = table;
    const world = this.#world.next();
    const known = attributesOf({ from: call.from, to: call.to, country, entry, at: world.now, timezone });
    const attributes = { ...known, ...call.answers };
    const { campaign, publisher } = entry;
    // Read, as the switch does for its journal: the reasons are put into words.
    const asked = { campaign, publisher, caller: call.from, attributes };
    const { leftOut } = decide(table, asked, world);
    if (leftOut.length > campaign.routing.routes.length) throw new Error('more left out than there are');
  }
}

/** Milliseconds in which this process's main thread could have run and others had the cores; 0 where nobody counts them. */
function waitedForACore(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

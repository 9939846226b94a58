/**
 * Delivers what waits in the outbox, beside the calls and never in their way. Several switches may deliver from one
 * database: each takes what no other has taken. At least once, always under the same id; of one endpoint the oldest
 * first, and yet not in order, for several are under way at a time and those that fail come later.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { within } from '../deadline.ts';
import type { Claimed } from '../records/outbox/claim.ts';
import type { OutboxFigures } from '../records/outbox/figures.ts';
import type { Verdict } from '../records/outbox/finish.ts';
import type { Outbox } from '../records/outbox/outbox.ts';
import { Endpoints, type Endpoint } from './endpoints.ts';
import { openPost, type Answer } from './post.ts';
import { signedHeaders } from './sign.ts';
import { verdictOn } from './verdict.ts';

export interface DispatcherOptions {
  readonly outbox: Outbox;
  readonly onOutcome: (outcome: Outcome) => void;
  /** The outbox cannot be asked, and somebody is to be told. Once, until it could be asked again. */
  readonly onUnreachable: (error: unknown) => void;
  /** How long a web server may take to answer, milliseconds. */
  readonly timeout?: number;
  /** How often the outbox is looked at while nothing is found in it, milliseconds. */
  readonly every?: number;
  readonly now?: () => number;
  readonly dice?: () => number;
}

/** Of one attempt. */
export interface Outcome extends Pick<Claimed, 'id' | 'endpoint' | 'owner' | 'event' | 'attempts'> {
  /** `failed`: it will be tried again. */
  readonly result: 'delivered' | 'failed' | 'dead';
  readonly error: string | null;
}

export interface Dispatcher {
  /** From now on these are told, and no others. */
  use(endpoints: readonly Endpoint[]): void;
  /** As of the last look, some seconds ago; null before the first. */
  figures(): OutboxFigures | null;
  /** Delivers what is due, as long as that takes no longer than a few seconds; the rest is for the next start. */
  stop(): Promise<void>;
}

/** Longer than an attempt can take: what is not finished by then was claimed by a switch that died. */
const lease = (timeout: number): number => timeout + 30_000;
const sweepEvery = 60_000;
const lookEvery = 5_000;
const drainWithin = 4_000;
/** How long a database may then take to note what came of the last ones. */
const lastNoteWithin = 2_000;

export function startDispatcher(options: DispatcherOptions): Dispatcher {
  return new OutboxDispatcher(options);
}

class OutboxDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #timeout: number;
  readonly #endpoints = new Endpoints();
  readonly #post = openPost();
  readonly #underWay = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #rouse = new AbortController();
  #stopping = false;
  #isDry = false;
  #isReachable = true;
  #figures: OutboxFigures | null = null;
  #looked = 0;
  #swept = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#timeout = options.timeout ?? 15_000;
    this.#running = this.#run();
  }

  use(endpoints: readonly Endpoint[]): void {
    this.#endpoints.replace(endpoints);
    this.#wake();
  }

  figures(): OutboxFigures | null {
    return this.#figures;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await within(drainWithin, this.#running, undefined);
    this.#isDry = true;
    this.#wake();
    this.#post.close();
    await within(lastNoteWithin, this.#running, undefined);
  }

  async #run(): Promise<void> {
    for (;;) {
      // What was written before the stop is seen by a look that begins after it.
      const isLast = this.#stopping;
      const taken = await this.#take();
      if (isLast && taken === 0 && (this.#isDry || this.#underWay.size === 0)) break;
      await this.#upkeep();
      if (taken === 0) await this.#rest();
    }
    await Promise.all(this.#underWay);
  }

  /** How many deliveries it began. */
  async #take(): Promise<number> {
    const free = this.#isDry ? [] : this.#endpoints.free(this.#now());
    if (free.length === 0) return 0;
    const claimed = await this.#ask(() => this.#options.outbox.claim(free, lease(this.#timeout)));
    for (const one of claimed ?? []) {
      const delivery = this.#deliver(one).finally(() => {
        this.#underWay.delete(delivery);
        this.#wake();
      });
      this.#underWay.add(delivery);
    }
    return claimed?.length ?? 0;
  }

  async #deliver(claimed: Claimed): Promise<void> {
    const endpoint = this.#endpoints.begin(claimed.endpoint);
    const verdict = endpoint ? await this.#attempt(claimed, endpoint) : ({ kind: 'returned' } as const);
    const isWell = verdict.kind === 'delivered' || verdict.kind === 'returned';
    if (endpoint) this.#endpoints.end(endpoint.id, isWell, this.#now());
    // What cannot be noted now is due again when its lease runs out.
    const state = await this.#ask(() => this.#options.outbox.finish(claimed, verdict));
    if (state === null || verdict.kind === 'returned') return;
    const { id, owner, event, attempts } = claimed;
    const result = state === 'waiting' ? 'failed' : state;
    const error = 'error' in verdict ? verdict.error : null;
    this.#options.onOutcome({ id, endpoint: claimed.endpoint, owner, event, attempts, result, error });
  }

  async #attempt(claimed: Claimed, { url, secret }: Endpoint): Promise<Verdict> {
    const { body, attempts } = claimed;
    const headers = signedHeaders(secret, claimed, this.#now());
    const answer: Answer = await this.#post.send({ url, headers, body }, this.#timeout);
    // The switch stops, and spoke no more: that was no attempt.
    if (answer.kind === 'none' && this.#isDry) return { kind: 'returned' };
    return verdictOn(answer, attempts, (this.#options.dice ?? Math.random)());
  }

  async #upkeep(): Promise<void> {
    const now = this.#now();
    if (this.#stopping) return;
    if (now - this.#swept >= sweepEvery) {
      this.#swept = now;
      await this.#ask(() => this.#options.outbox.sweep());
    }
    if (now - this.#looked >= lookEvery) {
      this.#looked = now;
      this.#figures = (await this.#ask(() => this.#options.outbox.figures())) ?? this.#figures;
    }
  }

  /** Until something is over, or for a moment: others write to the outbox without a word to this one. */
  async #rest(): Promise<void> {
    const { every = 500 } = this.#options;
    const long = this.#endpoints.size === 0 ? every * 10 : every;
    await pause(long, undefined, { signal: this.#rouse.signal }).catch(() => undefined);
    if (this.#rouse.signal.aborted) this.#rouse = new AbortController();
  }

  #wake(): void {
    this.#rouse.abort();
  }

  /** Null where the database could not be asked. */
  async #ask<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await question();
      this.#isReachable = true;
      return answer;
    } catch (error) {
      // Where nobody is told of anything, nothing waits either.
      if (this.#isReachable && this.#endpoints.size > 0) this.#options.onUnreachable(error);
      this.#isReachable = false;
      return null;
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

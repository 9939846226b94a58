/**
 * The loader in a thread of its own: reading, settling and speaking to Postgres cost the calls nothing. A thread that
 * dies is started again; it tells anew of what the database took and the dead one had not told of.
 */
import { Worker } from 'node:worker_threads';
import type { Journal } from '../journal/journal.ts';
import type { Subscription } from '../outbox/subscription.ts';
import { Lag } from './lag.ts';
import type { RecordsLog } from '../records-log.ts';
import type { Loader, LoaderStats } from './loader.ts';
import type { SettledCall } from './settled-call.ts';
import type { Figures, FromThread, LoadOrder, ToThread } from './thread-messages.ts';

interface LoaderThreadOptions {
  readonly journal: Journal;
  readonly url: string;
  readonly log: RecordsLog;
  /** Who is told of calls, until others are named. */
  readonly subscriptions?: readonly Subscription[];
  /** Called after the transaction that settled these calls. */
  readonly onSettled?: (call: SettledCall) => void;
  /** The database refused the record of this call: it will not be settled, and nothing more will be heard of it. */
  readonly onRejected?: (call: string) => void;
  /** Longest wait between two tries, milliseconds. */
  readonly longestPause?: number;
  /** Where the thread begins, unless in the file beside this one. */
  readonly entry?: URL;
}

export interface ThreadLoader extends Loader {
  /** Who is told of the calls that are loaded from now on. */
  subscribe(subscriptions: readonly Subscription[]): void;
}

export function startLoaderThread(options: LoaderThreadOptions): ThreadLoader {
  return new LoaderThread(options);
}

/** Compiled, the entry stands beside this file as JavaScript; run from source, as TypeScript. */
const entryBeside = new URL(
  import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
  import.meta.url,
);
/** A batch's lines live until it is loaded: in a young heap of the usual size they would be copied over and over. */
const resourceLimits = { maxYoungGenerationSizeMb: 128 };
/**
 * So long between two times that the thread is told of more: each is a transaction, and the disk that makes it durable
 * is the one that calls wait for.
 */
const shortestFast = 250;
const shortestRest = 100;
const longestRest = 30_000;
/** How long a thread that is told to stop may take; what it leaves is loaded by the next start. */
const stopWithin = 5_000;

const unknown: Figures = { position: null, connected: false, gaps: 0, rejects: 0 };

class LoaderThread implements ThreadLoader {
  readonly #options: LoaderThreadOptions;
  readonly #lag: Lag;
  readonly #unwatch: () => void;
  #worker: Worker;
  #subscriptions: readonly Subscription[];
  #figures = unknown;
  /** What threads that died had counted. */
  #earlier = { gaps: 0, rejects: 0 };
  /** The thread has read up to here and waits for more; null while it is at work. */
  #wants: number | null = null;
  /** When it was last told of more, and what will tell it next. */
  #fed = Number.NEGATIVE_INFINITY;
  #feeding: NodeJS.Timeout | null = null;
  #rest = shortestRest;
  #restart: NodeJS.Timeout | null = null;
  #stopping = false;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: LoaderThreadOptions) {
    this.#options = options;
    this.#lag = new Lag(options.journal);
    this.#subscriptions = options.subscriptions ?? [];
    this.#unwatch = options.journal.watch((what) => {
      if (what === 'flushed') this.#feed();
    });
    this.#worker = this.#start();
  }

  subscribe(subscriptions: readonly Subscription[]): void {
    this.#subscriptions = subscriptions;
    this.#say({ kind: 'subscriptions', subscriptions });
  }

  caughtUp(): Promise<void> {
    return this.#lag.caughtUp();
  }

  stats(): LoaderStats {
    const { gaps, rejects, ...figures } = this.#figures;
    return {
      ...figures,
      gaps: gaps + this.#earlier.gaps,
      rejects: rejects + this.#earlier.rejects,
      ...this.#lag.stats(),
    };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restart) clearTimeout(this.#restart);
    if (this.#feeding) clearTimeout(this.#feeding);
    this.#say({ kind: 'stop' });
    const late = setTimeout(() => {
      this.#options.log.warn(
        { event: 'loader_stuck', after_ms: stopWithin },
        'the loading thread does not stop and is ended',
      );
      void this.#worker.terminate();
    }, stopWithin);
    await this.#exited;
    clearTimeout(late);
    this.#unwatch();
    this.#lag.stop();
  }

  #start(): Worker {
    const { journal, url, longestPause, entry = entryBeside } = this.#options;
    const order: LoadOrder = {
      url,
      journal: journal.id,
      snapshot: { view: journal.view(), stats: journal.stats() },
      toldUpTo: this.#figures.position,
      subscriptions: this.#subscriptions,
      ...(longestPause === undefined ? {} : { longestPause }),
    };
    this.#wants = null;
    const worker = new Worker(entry, { workerData: order, name: 'loader', resourceLimits });
    worker.on('message', (message: FromThread) => this.#take(message));
    let why = '';
    worker.on('error', (error) => (why = String(error)));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        if (!this.#stopping) this.#died(why === '' ? `it ended with code ${code}` : why);
        resolve();
      });
    });
    return worker;
  }

  #died(why: string): void {
    this.#options.log.error(
      { event: 'loader_died', why, again_in_ms: this.#rest },
      'the loading thread died and is started again',
    );
    const { gaps, rejects } = this.#figures;
    this.#earlier = { gaps: this.#earlier.gaps + gaps, rejects: this.#earlier.rejects + rejects };
    this.#figures = { ...unknown, position: this.#figures.position };
    this.#restart = setTimeout(() => (this.#worker = this.#start()), this.#rest);
    this.#rest = Math.min(this.#rest * 2, longestRest);
  }

  #take(message: FromThread): void {
    const { journal, log, onSettled, onRejected } = this.#options;
    switch (message.kind) {
      case 'wants':
        this.#wants = message.after;
        this.#feed();
        return;
      case 'figures': {
        const { figures, settled, rejected } = message;
        // A thread that has not found its place yet does not know better than the one before it.
        const position = figures.position ?? this.#figures.position;
        this.#figures = { ...figures, position };
        if (figures.connected) this.#rest = shortestRest;
        for (const call of settled) onSettled?.(call);
        for (const call of rejected) onRejected?.(call);
        if (position !== null) this.#lag.advance(position);
        return;
      }
      case 'forget':
        journal.forget(message.seq).catch((error: unknown) => {
          log.warn(
            { event: 'journal_not_forgotten', up_to: message.seq, error: String(error) },
            'a loaded segment of the journal cannot be deleted',
          );
        });
        return;
      case 'damaged':
        journal.isDamaged(message.segment);
        return;
      case 'log':
        log[message.level](message.fields, message.message);
    }
  }

  /** One snapshot for each time the thread has read all, and not for each line: many make one transaction. */
  #feed(): void {
    if (this.#wants === null || this.#feeding !== null) return;
    const { journal } = this.#options;
    const stats = journal.stats();
    if (stats.durableSeq <= this.#wants) return;
    const early = this.#fed + shortestFast - performance.now();
    if (early > 0) {
      this.#feeding = setTimeout(() => {
        this.#feeding = null;
        this.#feed();
      }, early);
      return;
    }
    this.#wants = null;
    this.#fed = performance.now();
    this.#say({ kind: 'journal', snapshot: { view: journal.view(), stats } });
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

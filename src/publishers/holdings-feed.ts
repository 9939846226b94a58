/**
 * How a running switch learns who holds which number. On a connection of its own it listens for NOTIFY and reads what is
 * newer than what it knows; a poll makes good for what was missed. After each reconnect it reads all: the database may be
 * another one, or have lost commits in a failover, which no version tells. While the database is
 * away it goes on by what it knew, from a file where it has just been started.
 *
 *     file ──▶ connect ──▶ LISTEN ──▶ read all ──▶ wait ── told, or 30 s ──▶ read news …
 *                 ▲                       │          │
 *                 └── longer each time ───┴──────────┴── the connection breaks
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Held } from '../routing/held.ts';
import { settleable, within } from '../deadline.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { HeldBook, type Holding, type Loan } from './held-book.ts';
import { KeptFile, leastBetweenMs, loansBetweenMs } from './kept-file.ts';
import { keptForMs, readAll, readNews } from './read-changes.ts';

/** On which a change of holdings or loans is told; the text with it says nothing that is needed. */
const holdingsChannel = 'tollbridge_holdings';

export interface FeedOptions {
  readonly url: string;
  /** Where what is known outlives the process. */
  readonly file: string;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Holdings are not what they were, or may not be; loans are not told of. */
  readonly onHoldings?: () => void;
  readonly pollMs?: number;
  /** Longest wait between two tries to connect. */
  readonly longestPauseMs?: number;
}

export interface HoldingsFeed {
  held(number: string, at: number): Held | null;
  stats(): FeedStats;
  /** Resolves once what the database had at the start is known. */
  readonly loaded: Promise<void>;
  /** Within 2 s, whatever the database and the disk do. */
  stop(): Promise<void>;
}

interface FeedStats {
  readonly connected: boolean;
  /** For how long something may have been missing; 0 while the feed hears all. */
  readonly lagSeconds: number;
  readonly holdings: number;
}

/** The file is read when it resolves; the database is asked from then on, for as long as it takes. */
export async function startHoldingsFeed(options: FeedOptions): Promise<HoldingsFeed> {
  const feed = new Feed(options);
  await feed.start();
  return feed;
}

const shortestPauseMs = 50;
const answerWithinMs = 10_000;
const closedWithinMs = 1_000;

class Feed implements HoldingsFeed {
  readonly #options: FeedOptions;
  readonly #file: KeptFile;
  readonly #stopping = new AbortController();
  readonly #loaded = settleable<undefined>();
  #book = new HeldBook();
  #running: Promise<void> = Promise.resolve();
  /** Null while all that was told has been read. */
  #behindSince: number | null;
  #connected = false;
  #hasReadAll = false;
  #pauseMs = shortestPauseMs;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#file = new KeptFile(options.file, options.log);
    this.#behindSince = options.now();
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  async start(): Promise<void> {
    const known = await this.#file.read();
    if (known) this.#book.take(known.holdings, known.loans);
    this.#running = this.#run();
  }

  held(number: string, at: number): Held | null {
    return this.#book.held(number, at);
  }

  stats(): FeedStats {
    const since = this.#behindSince;
    return {
      connected: this.#connected,
      lagSeconds: since === null ? 0 : Math.max(0, this.#options.now() - since) / 1000,
      holdings: this.#book.size,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await within(closedWithinMs, this.#running, undefined);
    await within(closedWithinMs, this.#file.close(), undefined);
  }

  async #run(): Promise<void> {
    const { log, now, longestPauseMs = 5_000 } = this.#options;
    const { signal } = this.#stopping;
    const isStopped = () => signal.aborted;
    let told = false;
    while (!isStopped()) {
      const why = await this.#follow().catch(messageOf);
      if (isStopped()) return;
      if (this.#connected || !told) log('warn', 'holdings_feed_lost', { why });
      told = true;
      this.#connected = false;
      this.#behindSince ??= now();
      await pause(this.#pauseMs, undefined, { signal }).catch(() => undefined);
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    }
  }

  /** From a connection to its end. Resolves to why it ended; rejects where it could not be had or a question failed. */
  async #follow(): Promise<string> {
    const { url, log, pollMs = 30_000 } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tollbridge holdings',
      connectionTimeoutMillis: 5_000,
      query_timeout: answerWithinMs,
      keepAlive: true,
    });
    const bell = new Bell();
    const over: { why: string | null } = { why: null };
    const end = (why: string) => {
      over.why ??= why;
      bell.ring();
    };
    client.on('error', (error) => end(error.message));
    client.on('end', () => end('the connection was closed'));
    client.on('notification', () => {
      this.#behindSince ??= this.#options.now();
      bell.ring();
    });
    const onStop = () => {
      end('stopped');
      // A question that is under way is given up.
      void client.end().catch(() => undefined);
    };
    this.#stopping.signal.addEventListener('abort', onStop, { once: true });
    try {
      await client.connect();
      await client.query(`listen ${holdingsChannel}`);
      await this.#readAll(client);
      this.#connected = true;
      this.#pauseMs = shortestPauseMs;
      this.#loaded.settle(undefined);
      log('info', 'holdings_feed_connected', { holdings: this.#book.size });
      for (;;) {
        await bell.rung(pollMs);
        if (over.why !== null) return over.why;
        await this.#readNews(client);
      }
    } finally {
      this.#stopping.signal.removeEventListener('abort', onStop);
      await within(closedWithinMs, client.end(), undefined).catch(() => undefined);
    }
  }

  /** A book of its own until it is whole: calls never see one that is half read. */
  async #readAll(client: pg.Client): Promise<void> {
    const since = this.#behindSince;
    this.#behindSince = null;
    const book = new HeldBook();
    try {
      for await (const { holdings, loans } of readAll(client, this.#options.now()))
        book.take(holdings, loans);
    } catch (error) {
      this.#behindSince = since ?? this.#options.now();
      throw error;
    }
    const known = this.#book.versions.holdings;
    this.#book = book;
    this.#file.write(book, leastBetweenMs);
    this.#options.onHoldings?.();
    const missed = this.#hasReadAll ? book.holdings().filter(({ version }) => version > known) : [];
    if (missed.length > 0) this.#tell(missed, []);
    this.#hasReadAll = true;
  }

  async #readNews(client: pg.Client): Promise<void> {
    const { now } = this.#options;
    const since = this.#behindSince;
    this.#behindSince = null;
    try {
      for await (const { holdings, loans } of readNews(client, this.#book.versions)) {
        this.#book.take(holdings, loans);
        this.#tell(holdings, loans);
      }
      this.#book.forget(now() - keptForMs);
    } catch (error) {
      this.#behindSince = since ?? now();
      throw error;
    }
  }

  #tell(holdings: readonly Holding[], loans: readonly Loan[]): void {
    const { log, onHoldings } = this.#options;
    const isOfHoldings = holdings.length > 0;
    this.#file.write(this.#book, isOfHoldings ? leastBetweenMs : loansBetweenMs);
    log(isOfHoldings ? 'info' : 'debug', 'holdings_changed', {
      holdings: holdings.length,
      loans: loans.length,
      version: Math.max(this.#book.versions.holdings, this.#book.versions.loans),
      ...(holdings.length <= fewEnoughToName && { numbers: holdings.map(({ number }) => number) }),
    });
    if (isOfHoldings) onHoldings?.();
  }
}

const fewEnoughToName = 10;

/** Rung any number of times between two waits, it wakes once. */
class Bell {
  #isRung = false;
  #wake: () => void = () => undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  /** Resolves when it has been rung since the last wait, or after so long. */
  async rung(withinMs: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isRung = false;
  }
}

/**
 * The loader runs beside the calls and never in their way: it reads what is durable in the journal and takes it to
 * Postgres. While Postgres is away it waits, longer each time, and goes on where the database says it stands.
 */
import type { Kysely } from 'kysely';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalReader } from '../journal/reader.ts';
import type { RecordsLog } from '../records-log.ts';
import type { Schema } from '../schema.ts';
import { KnownTerms } from './known-terms.ts';
import { Lag } from './lag.ts';
import type { LoadedEntry, LoadedEvent, LoadedJournal } from './loaded-journal.ts';
import { loadBatch, rejectEntry, WentBack, type InTransaction } from './load-batch.ts';
import type { SettledCall } from './settled-call.ts';
import { OpenCalls } from './open-calls.ts';
import { Persistence, shortestPause } from './persistence.ts';
import { readPosition, stillHolds, writePosition } from './position.ts';

export interface LoaderOptions {
  readonly journal: LoadedJournal;
  readonly db: Kysely<Schema>;
  readonly log: RecordsLog;
  /** The transaction's other work: what tells others of calls, for one, belongs to what was loaded or is not done. */
  readonly also?: InTransaction;
  /** An earlier loader of this journal told of what it loaded up to here alone: of all behind it this one tells anew. */
  readonly toldUpTo?: number;
  /** Called at each change of the figures. */
  readonly onChange?: (stats: Omit<LoaderStats, 'lag' | 'lagSeconds'>) => void;
  /** Called after the transaction that settled these calls. */
  readonly onSettled?: (call: SettledCall) => void;
  /** The database refused the record of this call: it will not be settled, and nothing more will be heard of it. */
  readonly onRejected?: (call: string) => void;
  /** Longest wait between two tries, milliseconds. */
  readonly longestPause?: number;
}

export interface Loader {
  /** Resolves once everything that the journal held when it was asked is in the database. */
  caughtUp(): Promise<void>;
  stats(): LoaderStats;
  /** Finishes or abandons the batch in hand; what is not loaded is loaded by the next start. */
  stop(): Promise<void>;
}

export interface LoaderStats {
  /** Null until the database was asked. */
  readonly position: number | null;
  /** Entries that are not in the database yet. */
  readonly lag: number;
  /** For how long the oldest of them has been waiting; from this start on, where it was there before. */
  readonly lagSeconds: number;
  /** The last try reached the database. */
  readonly connected: boolean;
  /** Numbers missing in the journal, and entries that the database refused: both must read 0. */
  readonly gaps: number;
  readonly rejects: number;
}

export function startLoader(options: LoaderOptions): Loader {
  return new PostgresLoader(options);
}

/** Of all that calls write; one line in eight is the end of a call. */
const batchSize = 8000;

class PostgresLoader implements Loader {
  readonly #options: LoaderOptions;
  readonly #terms = new KnownTerms();
  readonly #open = new OpenCalls();
  readonly #stopping = new AbortController();
  readonly #database: Persistence;
  readonly #running: Promise<void>;
  readonly #lag: Lag;
  #wake: () => void = () => undefined;
  #position: number | null = null;
  /** Who waits for calls to be settled was told of those up to here. */
  #told = 0;
  #gaps = 0;
  #rejects = 0;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#lag = new Lag(options.journal);
    const { log, longestPause = 5000, onChange } = options;
    this.#database = new Persistence({
      ...{ log, longestPause, signal: this.#stopping.signal },
      onChange: () => onChange?.(this.#figures()),
    });
    const unwatch = options.journal.watch((what) => {
      if (what === 'flushed') this.#wake();
    });
    this.#running = this.#run().finally(unwatch);
  }

  caughtUp(): Promise<void> {
    return this.#lag.caughtUp();
  }

  stats(): LoaderStats {
    return { ...this.#figures(), ...this.#lag.stats() };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  #figures(): Omit<LoaderStats, 'lag' | 'lagSeconds'> {
    return {
      position: this.#position,
      connected: this.#database.isConnected,
      gaps: this.#gaps,
      rejects: this.#rejects,
    };
  }

  async #run(): Promise<void> {
    const start = await this.#database.persist(() => this.#startingPoint());
    if (start === null) return;
    if (this.#options.toldUpTo !== undefined) await this.#seeOpenCalls(start);
    this.#told = start;
    for (let from: number | null = start; from !== null; from = await this.#follow(from));
  }

  /** Loads what comes behind this number. Ends with null where it was stopped, else with where it must begin anew. */
  async #follow(start: number): Promise<number | null> {
    this.#advance(start);
    const reader = this.#options.journal.reader(start + 1);
    let ahead: Promise<readonly LoadedEntry[]> | null = null;
    while (!this.#stopping.signal.aborted) {
      const batch: readonly LoadedEntry[] = await (ahead ?? this.#read(reader));
      // While Postgres is at work on a full batch, the next is read.
      ahead = batch.length === batchSize ? this.#read(reader) : null;
      if (batch.length === 0) await this.#moreToRead(start);
      try {
        // What was told of already, before the database went back, is a batch of its own.
        const known = batch.filter(({ seq }) => seq <= this.#told);
        if (known.length > 0 && !(await this.#take(known))) return null;
        const news = known.length === 0 ? batch : batch.slice(known.length);
        if (news.length > 0 && !(await this.#take(news))) return null;
      } catch (error) {
        if (!(error instanceof WentBack)) throw error;
        this.#options.log.error(
          { event: 'database_replaced', journal: this.#options.journal.id, error: String(error) },
          'another database has taken the place of the one that was loaded; what the journal has is loaded anew',
        );
        return this.#database.persist(() => this.#startingPoint());
      }
    }
    return null;
  }

  #given(): { readonly also?: InTransaction; readonly loadedBefore: number } {
    const { also } = this.#options;
    // A loader that tells anew of what another one loaded begins before that: the database may be ahead, not behind.
    return { ...(also && { also }), loadedBefore: this.#position ?? 0 };
  }

  /** A journal that was put back is loaded anew from what it has: calls that the database knows are passed over. */
  async #startingPoint(): Promise<number> {
    const { db, journal, log, toldUpTo } = this.#options;
    const position = await readPosition(db, journal.id);
    if (await stillHolds(journal, position)) return Math.min(position.seq, toldUpTo ?? position.seq);
    const from = journal.stats().firstSeq - 1;
    log.error(
      { event: 'journal_replaced', journal: journal.id, loaded: position.seq, from },
      'the journal is not the one that was loaded; it is loaded anew',
    );
    await writePosition(db, journal.id, { seq: from, mark: '' });
    return from;
  }

  /** Calls live on while a loader is replaced: what is still needed of them lies before the place where this one begins. */
  async #seeOpenCalls(upTo: number): Promise<void> {
    const reader = this.#options.journal.reader(0);
    for (let batch = await this.#read(reader); batch.length > 0; batch = await this.#read(reader)) {
      for (const { seq, event } of batch) if (seq <= upTo) this.#open.see(seq, event);
      if ((batch.at(-1)?.seq ?? upTo) >= upTo) return;
    }
  }

  async #read(reader: JournalReader<LoadedEvent>): Promise<readonly LoadedEntry[]> {
    try {
      const { entries, damage } = await reader.next(batchSize);
      for (const fault of damage)
        this.#options.log.error(
          { event: 'journal_line_damaged', ...fault },
          'a line of the journal is damaged',
        );
      return entries;
    } catch (error) {
      this.#options.log.error(
        { event: 'journal_unreadable', after: this.#position, error: String(error) },
        'the journal cannot be read',
      );
      await pause(1000, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      return [];
    }
  }

  /** `flushed` may come between the read and this: then the wait is short, for the journal is asked again. So may a stop. */
  async #moreToRead(start: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const read = this.#position ?? start;
    if (this.#options.journal.stats().durableSeq > read) await pause(shortestPause);
    else await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** False where the loader was stopped before it could load them all. */
  async #take(entries: readonly LoadedEntry[]): Promise<boolean> {
    const { db, journal } = this.#options;
    const loaded = await this.#database
      .persist(() => loadBatch(db, journal.id, entries, this.#terms, this.#given()), 'data errors are final')
      .catch((error: unknown) => ({ error }));
    if (loaded === null) return false;
    if ('error' in loaded && loaded.error instanceof WentBack) throw loaded.error;
    if ('error' in loaded) return this.#takeApart(entries, loaded.error);

    this.#gaps += loaded.missing;
    if (loaded.missing > 0)
      this.#options.log.error(
        { event: 'journal_gap', up_to: loaded.position, missing: loaded.missing },
        'numbers are missing in the journal',
      );
    for (const { seq, event } of entries) this.#open.see(seq, event);
    const read = entries.at(-1)?.seq ?? loaded.position;
    if (read > this.#told) for (const call of loaded.settled) this.#options.onSettled?.(call);
    this.#told = Math.max(this.#told, read);
    this.#advance(read);
    const needed = this.#open.neededFrom(read);
    await journal.forget(needed - 1).catch((error: unknown) => {
      this.#options.log.warn(
        { event: 'journal_not_forgotten', up_to: needed - 1, error: String(error) },
        'a loaded segment of the journal cannot be deleted',
      );
    });
    return true;
  }

  /** Halves, and halves of halves, until what the database refuses stands alone. */
  async #takeApart(entries: readonly LoadedEntry[], error: unknown): Promise<boolean> {
    const { db, journal, log } = this.#options;
    const [entry] = entries;
    if (!entry) return true;
    if (entries.length > 1) {
      const half = Math.ceil(entries.length / 2);
      return (await this.#take(entries.slice(0, half))) && (await this.#take(entries.slice(half)));
    }
    log.error(
      { event: 'entry_rejected', seq: entry.seq, type: entry.event.type, error: String(error) },
      'an entry cannot be loaded; it is kept in journal_rejects',
    );
    if (
      (await this.#database.persist(() => rejectEntry(db, journal.id, entry, error).then(() => true))) ===
      null
    )
      return false;
    this.#rejects += 1;
    this.#open.see(entry.seq, entry.event);
    if (entry.event.type === 'ended') this.#options.onRejected?.(entry.event.record.call);
    this.#advance(entry.seq);
    return true;
  }

  #advance(position: number): void {
    this.#position = position;
    this.#lag.advance(position);
    this.#options.onChange?.(this.#figures());
  }
}

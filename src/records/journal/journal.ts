/**
 * The journal: what happened to each call, on disk before anything else hears of it. Lines are numbered without gaps,
 * written in groups and made durable with one fdatasync each, so that `append` costs the call a few microseconds.
 * When the disk refuses or hangs, lines wait in memory, in order, and `healthy` is false until they are written.
 */
import { mkdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEvent } from '../events.ts';
import type { RecordsLog } from '../records-log.ts';
import { repairEnd } from './end.ts';
import { encodeEvent } from './line.ts';
import { lockJournal } from './lock.ts';
import { OpenSegment } from './open-segment.ts';
import { readerFrom, type JournalReader, type ReadView } from './reader.ts';
import { moveToQuarantine } from './quarantine.ts';
import type { Segment } from './segment.ts';
import { settleFolder } from './settle-folder.ts';

export interface Journal {
  /** Names this journal in the database; several switches may share one database. */
  readonly id: string;
  /** Returns the event's number at once; it is durable when `flushed(seq)` resolves. */
  append(event: JournalEvent): number;
  /** Resolves when everything up to `seq`, by default up to now, is durable. */
  flushed(seq?: number): Promise<void>;
  /** From the first event numbered `fromSeq` or more. */
  reader(fromSeq: number): JournalReader;
  /** What a reader in another thread must know at the moment of a read. */
  view(): ReadView;
  /** Deletes whole segments of which everything up to `seq` is no longer needed; damaged ones go to quarantine/. */
  forget(seq: number): Promise<void>;
  /** A line of this segment is damaged: it is evidence. */
  isDamaged(segment: string): void;
  readonly healthy: boolean;
  /** Tells of each change of `healthy`, and of each group that became durable. Returns the unsubscribing. */
  watch(listener: (what: 'healthy' | 'unhealthy' | 'flushed') => void): () => void;
  stats(): JournalStats;
  /** Makes everything durable, then gives the folder up. */
  close(): Promise<void>;
}

export interface JournalStats {
  readonly lastSeq: number;
  readonly durableSeq: number;
  readonly firstSeq: number;
  readonly segments: number;
  /** Lines that wait to be written. */
  readonly waiting: number;
  /** By when the oldest of them was waiting, as `performance.now()` tells it; null where none does. */
  readonly waitingSince: number | null;
}

export interface JournalOptions {
  readonly dir: string;
  readonly log: RecordsLog;
  /** Milliseconds for which a line that nobody waits for may wait for others to be written with. */
  readonly linger?: number;
  /** A segment is closed once it holds this many bytes. */
  readonly segmentBytes?: number;
  /** Milliseconds between two tries when the disk refuses. */
  readonly retry?: number;
  /** Milliseconds after which a write that has not come back counts as refused, until it does. */
  readonly patience?: number;
}

/** Throws where another process writes this journal, or where the folder cannot be used. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const unlock = await lockJournal(options.dir);
  try {
    const { segments, journal: id, next } = await settleFolder(options);
    const last = segments.at(-1);
    const end = last ? await repairEnd(last, options.log) : null;
    const journal = new FileJournal(options, unlock, id, segments, Math.max(end?.nextSeq ?? 1, next));
    if (last && end?.headed === true && end.nextSeq >= next) await journal.resume(last, end.bytes);
    else await journal.startSegment();
    return journal;
  } catch (error) {
    await unlock();
    throw error;
  }
}

class FileJournal implements Journal {
  readonly id: string;
  readonly #options: Required<JournalOptions>;
  readonly #unlock: () => Promise<void>;
  readonly #listeners = new Set<(what: 'healthy' | 'unhealthy' | 'flushed') => void>();
  readonly #damaged = new Set<string>();
  #segments: readonly Segment[];
  #open: OpenSegment | null = null;
  #nextSeq: number;
  #durableSeq: number;
  #waiting: string[] = [];
  #waitingSince: number | null = null;
  #writing: Promise<void> | null = null;
  /** When lines that nobody waits for are written. */
  #due: NodeJS.Timeout | null = null;
  #waiters: { readonly seq: number; readonly resolve: () => void }[] = [];
  #healthy = true;
  #closed = false;

  constructor(
    options: JournalOptions,
    unlock: () => Promise<void>,
    id: string,
    segments: readonly Segment[],
    nextSeq: number,
  ) {
    this.id = id;
    this.#options = { linger: 10, segmentBytes: 8 * 1024 * 1024, retry: 1000, patience: 2000, ...options };
    this.#unlock = unlock;
    this.#segments = segments;
    this.#nextSeq = nextSeq;
    this.#durableSeq = nextSeq - 1;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  append(event: JournalEvent): number {
    if (this.#closed) throw new Error('the journal was closed');
    const seq = this.#nextSeq++;
    this.#waiting.push(encodeEvent(seq, event));
    this.#waitingSince ??= performance.now();
    if (!this.#writing) this.#writeSoon();
    return seq;
  }

  flushed(seq = this.#nextSeq - 1): Promise<void> {
    if (seq <= this.#durableSeq) return Promise.resolve();
    this.#writeNow();
    return new Promise((resolve) => this.#waiters.push({ seq, resolve }));
  }

  reader(fromSeq: number): JournalReader {
    const reader = readerFrom(fromSeq, () => this.view());
    return {
      next: async (limit) => {
        const batch = await reader.next(limit);
        for (const { segment } of batch.damage) this.isDamaged(segment);
        return batch;
      },
    };
  }

  isDamaged(segment: string): void {
    this.#damaged.add(basename(segment));
  }

  view(): ReadView {
    return { segments: this.#segments, durableBytes: this.#open?.durableBytes ?? 0 };
  }

  async forget(seq: number): Promise<void> {
    // A segment ends where the next one starts; the last one is being written and stays.
    const forgotten = this.#segments.filter(
      (_, index) => (this.#segments[index + 1]?.first ?? Infinity) <= seq + 1,
    );
    this.#segments = this.#segments.slice(forgotten.length);
    for (const { path } of forgotten) {
      if (!this.#damaged.delete(basename(path))) await rm(path, { force: true });
      else {
        const place = await moveToQuarantine(this.#options.dir, path);
        this.#options.log.warn(
          { event: 'journal_quarantined', segment: path, place },
          'a damaged segment was moved to quarantine',
        );
      }
    }
  }

  watch(listener: (what: 'healthy' | 'unhealthy' | 'flushed') => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stats(): JournalStats {
    return {
      lastSeq: this.#nextSeq - 1,
      durableSeq: this.#durableSeq,
      firstSeq: this.#segments[0]?.first ?? this.#nextSeq,
      segments: this.#segments.length,
      waiting: this.#nextSeq - 1 - this.#durableSeq,
      waitingSince: this.#waitingSince,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length > 0) this.#writeNow();
    await this.#writing;
    await this.#open?.close();
    this.#open = null;
    await this.#unlock();
  }

  async resume(segment: Segment, bytes: number): Promise<void> {
    this.#open = await OpenSegment.resume(segment, bytes);
  }

  async startSegment(): Promise<void> {
    const first = this.#durableSeq + 1;
    const next = await OpenSegment.begin(this.#options.dir, this.id, first);
    await this.#open?.close();
    this.#open = next;
    this.#segments = [...this.#segments.filter((other) => other.first !== first), next.segment];
  }

  #writeSoon(): void {
    this.#due ??= setTimeout(() => this.#writeNow(), this.#options.linger);
  }

  #writeNow(): void {
    if (this.#due) clearTimeout(this.#due);
    this.#due = null;
    this.#writing ??= this.#writeGroups();
  }

  /** Whatever comes while one group is written makes the next: at once where somebody waits for it. */
  async #writeGroups(): Promise<void> {
    await new Promise(setImmediate);
    // A copy: what is appended while a group is being written belongs to the next.
    do await this.#writeGroup([...this.#waiting]);
    while (this.#waiting.length > 0 && (this.#waiters.length > 0 || this.#closed || !this.#healthy));
    // In the tick of the check: an append that came in between would wait for a writer that has left.
    this.#writing = null;
    if (this.#waiting.length > 0) this.#writeSoon();
  }

  async #writeGroup(group: readonly string[]): Promise<void> {
    const began = performance.now();
    const hangs = setTimeout(
      () => this.#setHealthy(false, 'the disk does not answer'),
      this.#options.patience,
    );
    try {
      await this.#write(Buffer.from(group.join('')));
    } catch (error) {
      this.#setHealthy(false, error);
      if (this.#closed) this.#abandon();
      else await pause(this.#options.retry);
      return;
    } finally {
      clearTimeout(hangs);
    }
    this.#waiting = this.#waiting.slice(group.length);
    // What is left came while this group was being written.
    this.#waitingSince = this.#waiting.length > 0 ? began : null;
    this.#durableSeq += group.length;
    this.#setHealthy(true);
    this.#tellFlushed();
  }

  #abandon(): void {
    const lines = this.#waiting.length;
    this.#options.log.error(
      { event: 'journal_lines_lost', lines },
      'the journal is closed before all of it could be written',
    );
    this.#waiting = [];
    this.#waitingSince = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#open && this.#open.durableBytes >= this.#options.segmentBytes) await this.startSegment();
    if (!this.#open) throw new Error('the journal has no open segment');
    await this.#open.append(bytes);
  }

  #setHealthy(healthy: boolean, error?: unknown): void {
    if (this.#healthy === healthy) return;
    this.#healthy = healthy;
    const { log, dir } = this.#options;
    const lines = this.#waiting.length;
    if (healthy) log.info({ event: 'journal_writable', dir }, 'the journal is written again');
    else
      log.error(
        { event: 'journal_unwritable', dir, lines, error: String(error) },
        'the journal cannot be written',
      );
    this.#tell(healthy ? 'healthy' : 'unhealthy');
  }

  #tellFlushed(): void {
    const due = this.#waiters.filter((waiter) => waiter.seq <= this.#durableSeq);
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > this.#durableSeq);
    for (const waiter of due) waiter.resolve();
    this.#tell('flushed');
  }

  #tell(what: 'healthy' | 'unhealthy' | 'flushed'): void {
    for (const listener of this.#listeners) listener(what);
  }
}

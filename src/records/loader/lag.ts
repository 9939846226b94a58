/** How far the database is behind a journal, in entries and in time. */
import type { Journal } from '../journal/journal.ts';

/** Older waits are told by the second. */
const grainMs = 1000;

export class Lag {
  readonly #journal: Pick<Journal, 'stats'>;
  readonly #unwatch: () => void;
  /** Numbers with the moment by which they were in the journal; oldest first, those in the database gone. */
  #marks: { readonly seq: number; readonly at: number }[] = [];
  #waiters: { readonly seq: number; readonly resolve: () => void }[] = [];
  #position: number | null = null;

  constructor(journal: Pick<Journal, 'stats' | 'watch'>) {
    this.#journal = journal;
    this.#mark();
    this.#unwatch = journal.watch((what) => {
      if (what === 'flushed') this.#mark();
    });
  }

  /** Everything up to this number is in the database. */
  advance(position: number): void {
    this.#position = position;
    const behind = this.#marks.findIndex(({ seq }) => seq > position);
    this.#marks = behind < 0 ? [] : this.#marks.slice(behind);
    // What the last mark did not tell of waits since then, at most.
    if (this.#marks.length === 0) this.#mark();
    const due = this.#waiters.filter(({ seq }) => seq <= position);
    this.#waiters = this.#waiters.filter(({ seq }) => seq > position);
    for (const { resolve } of due) resolve();
  }

  /** Resolves once everything that the journal held when it was asked is in the database. */
  caughtUp(): Promise<void> {
    const seq = this.#journal.stats().lastSeq;
    if (this.#position !== null && seq <= this.#position) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ seq, resolve }));
  }

  stats(): { readonly lag: number; readonly lagSeconds: number } {
    const { lastSeq, firstSeq, waitingSince } = this.#journal.stats();
    // What the disk refuses waits, too, and is in no mark yet.
    const since = this.#marks[0]?.at ?? waitingSince;
    return {
      lag: Math.max(0, lastSeq - (this.#position ?? firstSeq - 1)),
      lagSeconds: since === null ? 0 : (performance.now() - since) / 1000,
    };
  }

  stop(): void {
    this.#unwatch();
  }

  #mark(): void {
    const { durableSeq: seq } = this.#journal.stats();
    const at = performance.now();
    const last = this.#marks.at(-1);
    if (last ? last.at > at - grainMs : seq <= (this.#position ?? 0)) return;
    this.#marks.push({ seq, at });
  }
}

import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import type { HeldBook } from './held-book.ts';
import { readHoldings, writeHoldings, type KeptHoldings } from './holdings-file.ts';

/** The file is all of the book: it follows at its own pace. */
export const leastBetweenMs = 10_000;
/** Loans come with every visit and are short: a file that lacks the last of them costs such a call its tags. */
export const loansBetweenMs = 60_000;

/** Follows a book: at once where it was left alone, else some seconds behind, and never two writes at a time. */
export class KeptFile {
  readonly #file: string;
  readonly #log: Log;
  #next: HeldBook | null = null;
  #due = Number.POSITIVE_INFINITY;
  #writing: Promise<void> | null = null;
  #wrote = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** Null where there is none, or none that can be used. */
  async read(): Promise<KeptHoldings | null> {
    try {
      return await readHoldings(this.#file);
    } catch (error) {
      this.#log('warn', 'holdings_file_unreadable', { file: this.#file, error: messageOf(error) });
      return null;
    }
  }

  /** No sooner than so long after the last write. */
  write(book: HeldBook, betweenMs: number): void {
    this.#next = book;
    this.#due = Math.min(this.#due, this.#wrote + betweenMs);
    if (this.#writing === null) this.#wait();
  }

  /** What was not written yet is, before it resolves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#next === null || this.#isClosed) return;
    const wait = this.#due - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    const book = this.#next;
    if (book === null) return;
    this.#next = null;
    this.#due = Number.POSITIVE_INFINITY;
    this.#writing = writeHoldings(this.#file, book)
      .catch((error: unknown) => {
        this.#log('warn', 'holdings_file_unwritable', { file: this.#file, error: messageOf(error) });
      })
      .finally(() => {
        this.#writing = null;
        this.#wrote = performance.now();
        this.#wait();
      });
  }
}

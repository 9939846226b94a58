import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import type { HeldBook } from './held-book.ts';
import { readHoldings, writeHoldings, type KeptHoldings } from './holdings-file.ts';

/** Visits may change the book many times a second: the file follows at its own pace. */
const leastBetweenMs = 1_000;

/** Follows a book: at once where it was left alone, else a second behind, and never two writes at a time. */
export class KeptFile {
  readonly #file: string;
  readonly #log: Log;
  #next: HeldBook | null = null;
  #writing: Promise<void> | null = null;
  #wrote = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #isClosing = false;

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

  write(book: HeldBook): void {
    this.#next = book;
    if (this.#timer !== null || this.#writing !== null) return;
    const wait = this.#wrote + leastBetweenMs - performance.now();
    if (wait <= 0) this.#flush();
    else
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#flush();
      }, wait);
  }

  /** What was not written yet is, before it resolves. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isClosing = true;
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const book = this.#next;
    if (book === null) return;
    this.#next = null;
    this.#writing = writeHoldings(this.#file, book)
      .catch((error: unknown) => {
        this.#log('warn', 'holdings_file_unwritable', { file: this.#file, error: messageOf(error) });
      })
      .finally(() => {
        this.#writing = null;
        this.#wrote = performance.now();
        if (this.#next !== null && !this.#isClosing) this.write(this.#next);
      });
  }
}

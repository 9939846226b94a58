/** A database that is away is asked again, after longer and longer; one that refuses the data itself is not. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordsLog } from '../records-log.ts';
import { WentBack } from './load-batch.ts';
import { isAboutTheData, isDefect } from './pg-error.ts';

/** Milliseconds. */
export const shortestPause = 50;
/** So often in a row a fault of ours is met before it is taken to lie in what is loaded. */
const triesOfADefect = 5;

interface PersistenceOptions {
  readonly log: RecordsLog;
  /** Longest wait between two tries, milliseconds. */
  readonly longestPause: number;
  readonly signal: AbortSignal;
  /** The database was reached, or is away. */
  readonly onChange: () => void;
}

export class Persistence {
  readonly #options: PersistenceOptions;
  #isConnected = false;

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** The last try reached the database. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /**
   * Tries until it is done; null where it was stopped. Rejects where the database went back, and, if data errors are
   * final, where it refuses the data, or a fault of ours comes again and again.
   */
  async persist<T>(task: () => Promise<T>, dataErrors?: 'data errors are final'): Promise<T | null> {
    const { log, longestPause, signal } = this.#options;
    const seen: string[] = [];
    for (let wait = shortestPause; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
      try {
        const result = await task();
        if (!this.#isConnected)
          log.info({ event: 'loader_reached_database' }, 'the loader reached the database');
        this.#setConnected(true);
        return result;
      } catch (error) {
        if (error instanceof WentBack || (dataErrors && isAboutTheData(error))) throw error;
        if (dataErrors && isDefect(error) && isSameAgain(seen, String(error))) throw error;
        if (this.#isConnected || wait === shortestPause)
          log.warn({ event: 'loader_waits', error: String(error) }, 'the loader waits for the database');
        this.#setConnected(false);
        await pause(wait, undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  }

  #setConnected(connected: boolean): void {
    if (this.#isConnected === connected) return;
    this.#isConnected = connected;
    this.#options.onChange();
  }
}

/** The same for the last time that it is put up with. */
function isSameAgain(seen: string[], error: string): boolean {
  if (seen.at(-1) !== error) seen.length = 0;
  return seen.push(error) >= triesOfADefect;
}

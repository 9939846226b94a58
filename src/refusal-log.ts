import type { Log } from './log.ts';

/** Lines a second, of all reasons together: whoever refuses en masse has better things to do than to write each one down. */
const mostLines = 10;
const windowMs = 1_000;

/** The log of refusals: the first ones of each second in full, what is more than that as one line a reason. */
export class RefusalLog {
  readonly #log: Log;
  #lines = 0;
  #left = new Map<string, number>();
  #window: NodeJS.Timeout | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  refused(reason: string, fields: () => Readonly<Record<string, unknown>>): void {
    this.#window ??= setTimeout(() => this.#sumUp(), windowMs).unref();
    if (this.#lines++ < mostLines) this.#log('info', 'call_refused', { reason, ...fields() });
    else this.#left.set(reason, (this.#left.get(reason) ?? 0) + 1);
  }

  #sumUp(): void {
    this.#window = null;
    this.#lines = 0;
    const left = this.#left;
    this.#left = new Map();
    for (const [reason, calls] of left) this.#log('warn', 'calls_refused', { reason, calls });
  }
}

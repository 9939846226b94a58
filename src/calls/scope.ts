/**
 * What a call holds: legs, endpoints, leases, timers. Everything is on the books from the moment it is asked for and
 * released exactly once: early by its own holding, or by the scope's close, in reverse order of acquisition.
 * A release that fails or hangs is told and never keeps the others waiting.
 */
export type Kind = 'leg' | 'endpoint' | 'lease' | 'timer';

export interface Holding {
  /** Idempotent; settles when the release has. */
  release(): Promise<void>;
}

/** How many of each kind all calls together hold: zero at rest, or something leaks. */
export class Books {
  readonly #held: Record<Kind, number> = { leg: 0, endpoint: 0, lease: 0, timer: 0 };
  readonly #waiting: (() => void)[] = [];

  add(kind: Kind): void {
    this.#held[kind]++;
  }

  remove(kind: Kind): void {
    this.#held[kind]--;
    if (!this.#isEmpty()) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves once nothing is held. */
  empty(): Promise<void> {
    if (this.#isEmpty()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isEmpty(): boolean {
    return Object.values(this.#held).every((held) => held === 0);
  }

  held(kind: Kind): number {
    return this.#held[kind];
  }
}

export class Scope {
  readonly #books: Books;
  readonly #onFailure: (kind: Kind, error: unknown) => void;
  readonly #holdings = new Set<Holding>();
  readonly #releasing = new Set<Promise<void>>();
  #closed = false;

  constructor(books: Books, onFailure: (kind: Kind, error: unknown) => void) {
    this.#books = books;
    this.#onFailure = onFailure;
  }

  /** What is held after the close is released at once: a late arrival finds nobody who wants it. */
  hold(kind: Kind, release: () => unknown): Holding {
    this.#books.add(kind);
    let released: Promise<void> | undefined;
    const holding: Holding = {
      release: () => {
        released ??= this.#release(kind, release, holding);
        return released;
      },
    };
    this.#holdings.add(holding);
    if (this.#closed) void holding.release();
    return holding;
  }

  /** A timer on the books. `elapsed` never settles once the holding is released. */
  timer(ms: number): Holding & { readonly elapsed: Promise<'elapsed'> } {
    let handle: NodeJS.Timeout | undefined;
    const elapsed = new Promise<'elapsed'>((resolve) => {
      handle = setTimeout(() => resolve('elapsed'), ms);
    });
    return Object.assign(
      this.hold('timer', () => clearTimeout(handle)),
      { elapsed },
    );
  }

  /** Starts every release in reverse order and waits for all of them, those that were under way among them. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const holding of [...this.#holdings].reverse()) void holding.release();
    await Promise.all(this.#releasing);
  }

  #release(kind: Kind, release: () => unknown, holding: Holding): Promise<void> {
    this.#holdings.delete(holding);
    const done = (async () => {
      try {
        await release();
      } catch (error) {
        this.#onFailure(kind, error);
      } finally {
        this.#books.remove(kind);
      }
    })();
    this.#releasing.add(done);
    void done.then(() => this.#releasing.delete(done));
    return done;
  }
}

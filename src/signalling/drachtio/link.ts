/**
 * The connection to the server, from when it stands until it is lost. Each offer, attempt and leg hears of its end: an
 * AbortSignal looks through all of its listeners for each new one, and a busy switch has thousands.
 */
export class Link {
  readonly #lost = new AbortController();
  readonly #told = new Set<() => void>();
  /** Dialogs of INVITEs that were answered, by the server's ids: it has not said yet that the answer was sent. */
  readonly answering = new Set<string>();

  /** For who asks now and then; aborts before anybody is told. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** `tell` is called once, unless the link is lost already; returns what makes it forgotten. */
  onLost(tell: () => void): () => void {
    this.#told.add(tell);
    return () => void this.#told.delete(tell);
  }

  lose(): void {
    this.#lost.abort();
    for (const tell of [...this.#told]) tell();
    this.#told.clear();
  }
}

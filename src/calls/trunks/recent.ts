/**
 * What happened within a span of time up to now. A stamp of the future is none: the clock was set back since. Adding and
 * forgetting cost the same however much there is.
 */
export class Recent<What> {
  readonly #span: number;
  readonly #most: number;
  #all: { readonly at: number; readonly what: What }[] = [];
  /** Those before it are forgotten. */
  #first = 0;

  /** Milliseconds of the clock that is asked by, too; of more than `most` within them, the last are kept. */
  constructor(span: number, most = Number.POSITIVE_INFINITY) {
    this.#span = span;
    this.#most = most;
  }

  add(what: What, now: number): void {
    this.#forget(now);
    this.#all.push({ at: now, what });
    if (this.#all.length - this.#first > this.#most) this.#first++;
  }

  size(now: number): number {
    this.#forget(now);
    return this.#all.length - this.#first;
  }

  count(now: number, is: (what: What) => boolean): number {
    this.#forget(now);
    let found = 0;
    for (let place = this.#first; place < this.#all.length; place++) {
      const one = this.#all[place];
      if (one !== undefined && is(one.what)) found++;
    }
    return found;
  }

  #forget(now: number): void {
    const all = this.#all;
    while (all.length > this.#first && (all.at(-1)?.at ?? now) > now) all.pop();
    while (this.#first < all.length && (all[this.#first]?.at ?? now) <= now - this.#span) this.#first++;
    if (this.#first * 2 > all.length) {
      this.#all = all.slice(this.#first);
      this.#first = 0;
    }
  }
}

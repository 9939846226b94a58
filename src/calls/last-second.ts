/** How often something happened in the last second, by name. A stamp of the future is none: the clock was set back since. */
export class LastSecond {
  readonly #stamps = new Map<string, readonly number[]>();

  /** Milliseconds of the clock that is asked by, too. */
  happened(name: string, now: number): void {
    this.#stamps.set(name, [...this.#recent(name, now), now]);
  }

  count(name: string, now: number): number {
    return this.#recent(name, now).length;
  }

  #recent(name: string, now: number): readonly number[] {
    return (this.#stamps.get(name) ?? []).filter((at) => at > now - 1_000 && at <= now);
  }
}

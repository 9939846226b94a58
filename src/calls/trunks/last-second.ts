import { Recent } from './recent.ts';

/** How often something happened in the last second, by name. A stamp of the future is none: the clock was set back since. */
export class LastSecond {
  readonly #happened = new Map<string, Recent<null>>();

  /** Milliseconds of the clock that is asked by, too. */
  happened(name: string, now: number): void {
    const recent = this.#happened.get(name) ?? new Recent<null>(1_000);
    this.#happened.set(name, recent);
    recent.add(null, now);
  }

  count(name: string, now: number): number {
    return this.#happened.get(name)?.size(now) ?? 0;
  }
}

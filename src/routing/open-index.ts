/** Which routes of a campaign have a buyer that is open: asked once for each set of hours, and remembered until it changes. */
import { noBits, setBit, type Bits } from './bits.ts';
import type { Opening } from './hours.ts';

export interface HoursOfRoute {
  /** Buyers with the same hours share one. */
  readonly opening: Opening;
  /** A paused buyer is as good as closed. */
  readonly paused: boolean;
}

export class OpenIndex {
  readonly #hours: readonly { readonly opening: Opening; readonly routes: Bits }[];
  readonly #open: Bits;
  /** A memory of a pure function: `#open` holds from then until then. */
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(routes: readonly HoursOfRoute[]) {
    const byOpening = new Map<Opening, Bits>();
    for (const [at, { opening, paused }] of routes.entries()) {
      if (paused) continue;
      const sharing = byOpening.get(opening) ?? noBits(routes.length);
      setBit(sharing, at);
      byOpening.set(opening, sharing);
    }
    this.#hours = [...byOpening].map(([opening, sharing]) => ({ opening, routes: sharing }));
    this.#open = noBits(routes.length);
  }

  /** Not to be changed by the caller, nor kept. */
  openAt(at: number): Bits {
    if (at < this.#from || at >= this.#until) this.#lookAt(at);
    return this.#open;
  }

  #lookAt(at: number): void {
    this.#open.fill(0);
    this.#from = at;
    this.#until = Number.POSITIVE_INFINITY;
    for (const { opening, routes } of this.#hours) {
      this.#until = Math.min(this.#until, opening.steadyUntil(at));
      if (!opening.isOpen(at)) continue;
      for (let word = 0; word < routes.length; word++) {
        this.#open[word] = (this.#open[word] ?? 0) | (routes[word] ?? 0);
      }
    }
  }
}

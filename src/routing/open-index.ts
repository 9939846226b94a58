/** Which routes of a campaign have a buyer that is open: asked once for each set of hours, and remembered until it changes. */
import { noBits, setBit, type Bits } from './bits.ts';
import type { Opening } from './hours.ts';

interface HoursOfRoute {
  /** Buyers with the same hours share one. */
  readonly opening: Opening;
  /** A paused buyer is as good as closed. */
  readonly paused: boolean;
}

export class OpenIndex {
  readonly #openings: readonly Opening[];
  /** By place: which of the openings; -1 where the buyer is paused. */
  readonly #openingOf: Int32Array;
  readonly #open: Bits;
  /** A memory of a pure function: `#open` holds from then until then. */
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(routes: readonly HoursOfRoute[]) {
    const ids = new Map<Opening, number>();
    this.#openingOf = Int32Array.from(routes, ({ opening, paused }) => {
      if (paused) return -1;
      const id = ids.get(opening) ?? ids.size;
      ids.set(opening, id);
      return id;
    });
    this.#openings = [...ids.keys()];
    this.#open = noBits(routes.length);
  }

  /** Not to be changed by the caller, nor kept. */
  openAt(at: number): Bits {
    if (at < this.#from || at >= this.#until) this.#lookAt(at);
    return this.#open;
  }

  #lookAt(at: number): void {
    this.#from = at;
    this.#until = Number.POSITIVE_INFINITY;
    for (const opening of this.#openings) this.#until = Math.min(this.#until, opening.steadyUntil(at));
    const isOpen = this.#openings.map((opening) => opening.isOpen(at));
    this.#open.fill(0);
    for (let place = 0; place < this.#openingOf.length; place++) {
      if (isOpen[this.#openingOf[place] ?? -1] === true) setBit(this.#open, place);
    }
  }
}

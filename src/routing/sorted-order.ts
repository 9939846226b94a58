import type { World } from './plan.ts';
import { WeightedOrder, type Order } from './weighted-order.ts';

/** Highest value first. Ties are drawn by weight, or stay as listed where nobody draws. */
export class SortedOrder implements Order {
  readonly #values: readonly number[];
  readonly #weights: readonly number[];
  readonly #drawing: World | null;
  readonly #sorted: readonly number[];
  #at = 0;
  #tied: readonly number[] = [];
  #drawn: Order | null = null;

  constructor(values: readonly number[], weights: readonly number[], drawing: World | null) {
    this.#values = values;
    this.#weights = weights;
    this.#drawing = drawing;
    this.#sorted = [...values.keys()].sort((a, b) => compareDown(values[a] ?? 0, values[b] ?? 0));
  }

  next(): number {
    if (this.#drawing === null) return this.#sorted[this.#at++] ?? -1;
    const place = this.#drawn?.next() ?? -1;
    if (place >= 0) return this.#tied[place] ?? -1;
    if (this.#at >= this.#sorted.length) return -1;
    this.#tied = this.#nextTied();
    this.#drawn = new WeightedOrder(
      this.#tied.map((at) => this.#weights[at] ?? 0),
      this.#drawing,
    );
    return this.next();
  }

  #nextTied(): readonly number[] {
    const from = this.#at;
    const value = (at: number): number | undefined => this.#values[this.#sorted[at] ?? -1];
    while (this.#at < this.#sorted.length && value(this.#at) === value(from)) this.#at++;
    return this.#sorted.slice(from, this.#at);
  }
}

/** Infinities are equal to themselves, which their difference is not. */
function compareDown(a: number, b: number): number {
  return a === b ? 0 : b - a;
}

import type { World } from './plan.ts';

/** One after the other, as places among what is ordered; -1 when all have been named. */
export interface Order {
  next(): number;
}

/**
 * Drawn one after the other without putting back: who is first follows the weights, and so does who is next when that
 * one fails. One roll for each draw among two or more. Weight 0 is a reserve: after all others, as listed.
 */
export class WeightedOrder implements Order {
  readonly #weights: readonly number[];
  readonly #world: World;
  #urn: Urn | null = null;
  /** Still to be drawn. */
  #weighted = 0;
  #reserve = 0;

  constructor(weights: readonly number[], world: World) {
    this.#weights = weights;
    this.#world = world;
    for (const weight of weights) if (weight > 0) this.#weighted++;
  }

  next(): number {
    if (this.#weighted === 0) return this.#nextReserve();
    this.#urn ??= new Urn(this.#weights);
    return this.#urn.draw(this.#weighted-- === 1 ? 0 : this.#world.dice());
  }

  #nextReserve(): number {
    while (this.#reserve < this.#weights.length) {
      const at = this.#reserve++;
      if (!((this.#weights[at] ?? 0) > 0)) return at;
    }
    return -1;
  }
}

/** A tree of sums over the weights, so that a draw among hundreds costs no more than a dozen steps. */
class Urn {
  /** The children of node n are 2n and 2n+1; the root is 1; the leaves are the weights. */
  readonly #sums: Float64Array;
  readonly #leaves: number;

  constructor(weights: readonly number[]) {
    let leaves = 1;
    while (leaves < weights.length) leaves *= 2;
    this.#leaves = leaves;
    this.#sums = new Float64Array(leaves * 2);
    for (let at = 0; at < weights.length; at++) {
      const weight = weights[at] ?? 0;
      this.#sums[leaves + at] = weight > 0 ? weight : 0;
    }
    for (let node = leaves - 1; node >= 1; node--) this.#sums[node] = this.#sumBelow(node);
  }

  /** `roll` in [0, 1). */
  draw(roll: number): number {
    const sums = this.#sums;
    let node = 1;
    let rest = roll * (sums[1] ?? 0);
    while (node < this.#leaves) {
      node *= 2;
      const left = sums[node] ?? 0;
      // To the right only where there is something: a sum of fractions may be rounded up past its parts.
      if (rest < left || sums[node + 1] === 0) continue;
      rest -= left;
      node++;
    }
    const drawn = node - this.#leaves;
    sums[node] = 0;
    // Summed anew rather than subtracted from: what is drawn leaves no rounding behind.
    for (node >>= 1; node >= 1; node >>= 1) sums[node] = this.#sumBelow(node);
    return drawn;
  }

  #sumBelow(node: number): number {
    return (this.#sums[2 * node] ?? 0) + (this.#sums[2 * node + 1] ?? 0);
  }
}

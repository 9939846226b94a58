import { hasBit, type Bits } from './bits.ts';
import type { CompiledCampaign, CompiledRoute } from './compiled.ts';
import { explain } from './explain.ts';
import type { LeftOut, Rule } from './plan.ts';
import type { Asked } from './rules.ts';

/**
 * Why each buyer was left out. What counters showed was noted at once, for it is gone a moment later. All else is a
 * function of the table, the call and the instant, and is put into words when somebody asks.
 */
export class Reasons {
  readonly #compiled: CompiledCampaign;
  readonly #asked: Asked;
  readonly #takers: Bits;
  readonly #noted: ReadonlyMap<number, LeftOut>;
  #inWords: readonly LeftOut[] | null = null;

  constructor(compiled: CompiledCampaign, asked: Asked, takers: Bits, noted: ReadonlyMap<number, LeftOut>) {
    this.#compiled = compiled;
    this.#asked = asked;
    this.#takers = takers;
    this.#noted = noted;
  }

  /** In the order of the routes. */
  inWords(): readonly LeftOut[] {
    return (this.#inWords ??= this.#putIntoWords());
  }

  #putIntoWords(): readonly LeftOut[] {
    const { routes, accept, all } = this.#compiled;
    const accepting = accept.accepting(all, this.#asked.call.attributes);
    return routes.flatMap((route, at) => {
      if (hasBit(this.#takers, at)) return [];
      return this.#noted.get(at) ?? explain(this.#ruleOf(route, hasBit(accepting, at)), route, this.#asked);
    });
  }

  /** Who stands at no limit and yet is none of those who could take the call. */
  #ruleOf({ buyer }: CompiledRoute, isIndexed: boolean): Rule {
    const { call, trunks } = this.#asked;
    if (buyer.paused) return 'paused';
    if (!trunks.isUp(buyer.trunkId)) return 'trunk_down';
    return isIndexed && buyer.rest?.(call.attributes) !== false ? 'hours' : 'accepts';
  }
}

import type { NoBidReason } from '../bids/outcome.ts';
import type { SeenCaller, TrunksNow, World } from '../routing/plan.ts';
import { standingBid, type Bids } from './bids.ts';
import type { Floor } from './floor.ts';

export type Seeable = Pick<Floor, 'usages' | 'tally' | 'performance' | 'now' | 'dice'> & {
  readonly trunks: Pick<Floor['trunks'], 'at' | 'startedThisSecond'>;
};

/**
 * The world of this instant, as the routing decision reads it. `asking`: the call that asks, where it holds slots
 * already.
 */
export function worldOf(floor: Seeable, bids: Bids, asking: string | null = null): World {
  return new WorldNow(floor, bids, asking);
}

class WorldNow implements World {
  readonly now: number;
  readonly asking: string | null;
  readonly usages: World['usages'];
  readonly #floor: Seeable;
  readonly #bids: Bids;

  constructor(floor: Seeable, bids: Bids, asking: string | null) {
    this.now = floor.now();
    this.asking = asking;
    this.usages = floor.usages;
    this.#floor = floor;
    this.#bids = bids;
  }

  dice(): number {
    return this.#floor.dice();
  }

  startedThisSecond(trunk: string): number {
    return this.#floor.trunks.startedThisSecond(trunk, this.now);
  }

  trunks(): TrunksNow {
    return this.#floor.trunks.at(this.now);
  }

  seenIn(campaign: string, caller: string): SeenCaller | null {
    return this.#floor.tally.callers.in(campaign, caller);
  }

  performance(campaign: string, buyer: string, over: number): ReturnType<World['performance']> {
    return this.#floor.performance.over(campaign, buyer, this.now - over);
  }

  bid(buyer: string): number | NoBidReason | null {
    return standingBid(this.#bids, buyer, this.now);
  }
}

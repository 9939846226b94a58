/** How much of what limits buyers is used, for who watches: cheap enough to be asked with every scrape. */
import type { Floor } from '../floor.ts';

export type LimitsWatched = Pick<Floor, 'now' | 'table'> & {
  readonly usages: Pick<Floor['usages'], 'of' | 'timezoneOf'>;
};

type ByBuyer = Readonly<Record<'buyer', string>>;
type ByCap = Readonly<Record<'buyer' | 'count' | 'per', string>>;

/** Calls that hold a slot, of each buyer that has any. */
export function* slotsHeld(floor: LimitsWatched): Generator<readonly [ByBuyer, number]> {
  for (const { id } of floor.table().routing.network.buyers.values()) {
    const live = usageOf(floor, id)?.live(null) ?? 0;
    if (live > 0) yield [{ buyer: id }, live];
  }
}

/** Of each cap, as a share of its limit. */
export function* capsUsed(floor: LimitsWatched): Generator<readonly [ByCap, number]> {
  const now = floor.now();
  for (const { id, caps } of floor.table().routing.network.buyers.values()) {
    if (caps.length === 0) continue;
    const usage = usageOf(floor, id);
    for (const { count, per, limit } of caps) {
      const used = usage?.counted(count, per, now, null) ?? 0;
      yield [{ buyer: id, count, per }, limit === 0 ? 1 : used / limit];
    }
  }
}

/** Undefined: nothing was held or counted on it yet. */
function usageOf({ usages }: LimitsWatched, buyer: string) {
  const subject = `buyer:${buyer}` as const;
  return usages.timezoneOf(subject) === null ? undefined : usages.of(subject);
}

import type { Cap, Network } from '../routing/network.ts';

/** Milliseconds since the epoch from which on each kind of counter must know the past. */
export interface Horizon {
  readonly counts: number;
  readonly performance: number;
  readonly callers: number;
}

/** A cap's longest period that ends: a month, and the day by which zones differ. */
const monthAndADay = 32 * 24 * 3_600_000;
/** The grain of the records' history: a horizon within one would cut it in two. */
const quarterMs = 15 * 60_000;

/** The times since which a cap, a strategy or a repeat rule of this network may ask. */
export function horizonOf(network: Network, now: number): Horizon {
  const windows = [...network.campaigns.values()].map(({ repeatCaller, routing }) =>
    Math.max(repeatCaller?.within ?? 0, routing.sticky ?? 0),
  );
  const since = (ago: number) => now - ago - ((now - ago) % quarterMs);
  return {
    counts: hasCapForEver(network) ? 0 : since(monthAndADay),
    performance: since(longestLookBack(network)),
    callers: since(Math.max(0, ...windows)),
  };
}

/** Of the campaigns that route by it. */
export function longestLookBack({ campaigns }: Network): number {
  let longest = 0;
  for (const { routing } of campaigns.values()) {
    if (routing.strategy === 'best_performing') longest = Math.max(longest, routing.performance.over);
  }
  return longest;
}

function hasCapForEver({ buyers, campaigns, publishers }: Network): boolean {
  const forEver = ({ caps }: { readonly caps: readonly Cap[] }) => caps.some(({ per }) => per === 'ever');
  for (const limited of [buyers, campaigns, publishers]) {
    for (const one of limited.values()) if (forEver(one)) return true;
  }
  for (const { routing } of campaigns.values()) if (routing.routes.some(forEver)) return true;
  return false;
}

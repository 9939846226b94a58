/** How far back the rules of a network ask: what must be known of the past before it decides. */
import type { Cap, Network } from './network.ts';

/** Milliseconds. */
export interface LookBack {
  /** A cap counts for ever. */
  readonly forEver: boolean;
  /** The longest of a campaign that routes by performance. */
  readonly performance: number;
  /** The longest window in which a caller repeats, or sticks to a buyer. */
  readonly callers: number;
}

/** Milliseconds since the epoch from which on each kind of counter must know the past. */
export interface Horizon {
  readonly counts: number;
  readonly performance: number;
  readonly callers: number;
}

export function lookBackOf(network: Network): LookBack {
  let performance = 0;
  let callers = 0;
  for (const { repeatCaller, routing } of network.campaigns.values()) {
    if (routing.strategy === 'best_performing') performance = Math.max(performance, routing.performance.over);
    callers = Math.max(callers, repeatCaller?.within ?? 0, routing.sticky ?? 0);
  }
  return { forEver: hasCapForEver(network), performance, callers };
}

/** A cap's longest period that ends: a month, and the day by which zones differ. */
const monthAndADay = 32 * 24 * 3_600_000;
/** The grain of the records' history: a horizon within one would cut it in two. */
const quarterMs = 15 * 60_000;

export function horizonOf({ forEver, performance, callers }: LookBack, now: number): Horizon {
  const since = (ago: number) => now - ago - ((now - ago) % quarterMs);
  return {
    counts: forEver ? 0 : since(monthAndADay),
    performance: since(performance),
    callers: since(callers),
  };
}

function hasCapForEver({ buyers, campaigns, publishers }: Network): boolean {
  const forEver = ({ caps }: { readonly caps: readonly Cap[] }) => caps.some(({ per }) => per === 'ever');
  for (const limited of [buyers, campaigns, publishers]) {
    for (const one of limited.values()) if (forEver(one)) return true;
  }
  for (const { routing } of campaigns.values()) if (routing.routes.some(forEver)) return true;
  return false;
}

/** How far back the rules of a network ask: what must be known of the past before it decides. */
import type { CapPeriod, Network } from './network.ts';

/** Milliseconds. */
export interface LookBack {
  /** The longest period of a cap, and the longest time between two offers; Infinity where a cap counts for ever. */
  readonly counts: number;
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
  return { counts: longestCount(network), performance, callers };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The longest that each can be, and the day by which zones differ. */
const longest: Readonly<Record<CapPeriod, number>> = {
  hour: dayMs + 2 * hourMs,
  day: dayMs + 27 * hourMs,
  week: 8 * dayMs + 3 * hourMs,
  month: 32 * dayMs + 3 * hourMs,
  ever: Number.POSITIVE_INFINITY,
};
/** The grain of the records' history: a horizon within one would cut it in two. */
const quarterMs = 15 * 60_000;

export function horizonOf({ counts, performance, callers }: LookBack, now: number): Horizon {
  const since = (ago: number) => now - ago - ((now - ago) % quarterMs);
  return {
    counts: counts === Number.POSITIVE_INFINITY ? 0 : since(counts),
    performance: since(performance),
    callers: since(callers),
  };
}

function longestCount({ buyers, campaigns, publishers }: Network): number {
  let most = 0;
  const look = ({ caps }: { readonly caps: readonly { readonly per: CapPeriod }[] }) => {
    for (const { per } of caps) most = Math.max(most, longest[per]);
  };
  for (const limited of [buyers, campaigns, publishers]) for (const one of limited.values()) look(one);
  for (const { spacing } of buyers.values()) most = Math.max(most, spacing);
  for (const { routing } of campaigns.values()) {
    routing.routes.forEach(look);
    // Whose turn it is depends on when each was last offered a call.
    if (routing.strategy === 'round_robin') most = Math.max(most, longest.month);
  }
  return most;
}

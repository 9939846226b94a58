/**
 * What the limits count: leases, what happened, who called, what buyers brought. Filled from the records at the start;
 * and again, further back, where a reload brings a cap or a rule that asks for more of the past than was remembered.
 */
import { Leases } from './calls/leases.ts';
import { Performance } from './calls/performance.ts';
import { remember } from './calls/remember.ts';
import { Settlements, type Settled } from './calls/settlements.ts';
import { Tally } from './calls/tally.ts';
import type { Records } from './records/open-records.ts';
import { callerHistory, history } from './records/remembered.ts';
import type { Standing } from './reload/parcels.ts';
import type { Subject } from './routing/network.ts';

/** Milliseconds since the epoch from which on each kind of counter knows the past. */
interface Horizon {
  readonly counts: number;
  readonly performance: number;
  readonly callers: number;
}

/** A cap's longest period that ends: a month, and the day by which zones differ. */
const monthAndADay = 32 * 24 * 3_600_000;
/** The grain of the records' history: a horizon within one would cut it in two. */
const quarterMs = 15 * 60_000;

export class Counters {
  readonly tally: Tally;
  readonly leases = new Leases();
  readonly performance: Performance;
  readonly settlements: Settlements;
  readonly #db: Records['db'];
  #known: Horizon | null = null;

  constructor(db: Records['db'], current: { readonly config: Standing }) {
    this.#db = db;
    this.tally = new Tally((subject) => zoneOf(current.config, subject));
    this.performance = new Performance(longestLookBack(current.config));
    this.settlements = new Settlements(this.leases, this.tally, this.performance);
  }

  /** Until they are filled from the records, a settled call is counted only there. */
  settled(call: Settled): void {
    if (this.#known !== null) this.settlements.settled(call);
  }

  /** Once, before the first call, with the journal's backlog in the records. */
  async fill(config: Standing, now: number): Promise<void> {
    const horizon = horizonOf(config, now);
    const quarters = await history(this.#db, Math.min(horizon.counts, horizon.performance));
    const callers = await callerHistory(this.#db, horizon.callers);
    remember(this, quarters, callers);
    this.#known = horizon;
  }

  /** Remembers as far back as this config asks. Rejects where the records cannot be read; nothing has changed then. */
  async reachBack(config: Standing, now: number): Promise<void> {
    const known = this.#known ?? horizonOf(config, now);
    const wanted = horizonOf(config, now);
    const isFurther = (kind: keyof Horizon) => wanted[kind] < known[kind];
    const counted = isFurther('counts') ? await history(this.#db, wanted.counts, known.counts) : [];
    const brought = isFurther('performance') ? await history(this.#db, wanted.performance) : [];
    const callers = isFurther('callers') ? await callerHistory(this.#db, wanted.callers) : [];

    remember({ tally: this.tally }, counted, callers);
    this.performance.keep(longestLookBack(config));
    this.performance.addOlder(
      brought.map(({ campaign, buyer, attempted: attempts, revenue, at }) => {
        return { campaign, buyer, attempts, revenue: Number(revenue), at };
      }),
    );
    this.#known = {
      counts: Math.min(known.counts, wanted.counts),
      performance: wanted.performance,
      callers: Math.min(known.callers, wanted.callers),
    };
  }
}

function horizonOf(config: Standing, now: number): Horizon {
  const { campaigns } = config.network;
  const windows = [...campaigns.values()].map(({ repeatCaller, routing }) =>
    Math.max(repeatCaller?.within ?? 0, routing.sticky ?? 0),
  );
  const since = (ago: number) => now - ago - ((now - ago) % quarterMs);
  return {
    counts: hasCapForEver(config) ? 0 : since(monthAndADay),
    performance: since(longestLookBack(config)),
    callers: since(Math.max(0, ...windows)),
  };
}

function hasCapForEver({ network }: Standing): boolean {
  const { buyers, campaigns, publishers } = network;
  const forEver = ({ caps }: { readonly caps: readonly { readonly per: string }[] }) =>
    caps.some(({ per }) => per === 'ever');
  for (const limited of [buyers, campaigns, publishers]) {
    for (const one of limited.values()) if (forEver(one)) return true;
  }
  for (const { routing } of campaigns.values()) if (routing.routes.some(forEver)) return true;
  return false;
}

function longestLookBack({ network }: Standing): number {
  let longest = 0;
  for (const { routing } of network.campaigns.values()) {
    if (routing.strategy === 'best_performing') longest = Math.max(longest, routing.performance.over);
  }
  return longest;
}

/** A cap is reset at the midnight of its buyer; those of campaigns, publishers and trunks at the network's own. */
function zoneOf({ network, timezone }: Standing, subject: Subject): string {
  const [kind, name = ''] = subject.split(/:(.*)/s);
  const buyer = kind === 'buyer' ? name : kind === 'route' ? name.slice(name.indexOf('/') + 1) : '';
  return network.buyers.get(buyer)?.timezone ?? timezone;
}

/**
 * What the limits count: leases, what happened, who called, what buyers brought. Filled from the records at the start;
 * and again, further back, where a reload brings a cap or a rule that asks for more of the past than was remembered.
 */
import { horizonOf, longestLookBack, type Horizon } from './calls/horizon.ts';
import { Leases } from './calls/leases.ts';
import { Performance } from './calls/performance.ts';
import { remember } from './calls/remember.ts';
import { Settlements, type Settled } from './calls/settlements.ts';
import { Tally } from './calls/tally.ts';
import type { Records } from './records/open-records.ts';
import { callerHistory, history } from './records/remembered.ts';
import type { Standing } from './reload/parcels.ts';
import type { Subject } from './routing/network.ts';

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
    this.performance = new Performance(longestLookBack(current.config.network));
    this.settlements = new Settlements(this.leases, this.tally, this.performance);
  }

  /** Until they are filled from the records, a settled call is counted only there. */
  settled(call: Settled): void {
    if (this.#known !== null) this.settlements.settled(call);
  }

  /** Once, before the first call, with the journal's backlog in the records. */
  async fill(config: Standing, now: number): Promise<void> {
    const horizon = horizonOf(config.network, now);
    const quarters = await history(this.#db, Math.min(horizon.counts, horizon.performance));
    const callers = await callerHistory(this.#db, horizon.callers);
    remember(this, quarters, callers);
    this.#known = horizon;
  }

  /** Remembers as far back as this config asks. Rejects where the records cannot be read; nothing has changed then. */
  async reachBack(config: Standing, now: number): Promise<void> {
    const known = this.#known ?? horizonOf(config.network, now);
    const wanted = horizonOf(config.network, now);
    const isFurther = (kind: keyof Horizon) => wanted[kind] < known[kind];
    const counted = isFurther('counts') ? await history(this.#db, wanted.counts, known.counts) : [];
    const brought = isFurther('performance') ? await history(this.#db, wanted.performance) : [];
    const callers = isFurther('callers') ? await callerHistory(this.#db, wanted.callers) : [];

    remember({ tally: this.tally }, counted, callers);
    this.performance.keep(longestLookBack(config.network));
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

/** A cap is reset at the midnight of its buyer; those of campaigns, publishers and trunks at the network's own. */
function zoneOf({ network, timezone }: Standing, subject: Subject): string {
  const [kind, name = ''] = subject.split(/:(.*)/s);
  const buyer = kind === 'buyer' ? name : kind === 'route' ? name.slice(name.indexOf('/') + 1) : '';
  return network.buyers.get(buyer)?.timezone ?? timezone;
}

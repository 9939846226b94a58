/**
 * What the limits count: leases, what happened, who called, what buyers brought. Filled from the records at the start;
 * and again, further back, where a reload brings a cap or a rule that asks for more of the past than was remembered.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import { ClockChange } from '../calls/counts/change-clocks.ts';
import { Leases } from '../calls/counts/leases.ts';
import { Performance } from '../calls/counts/performance.ts';
import { remember } from '../calls/counts/remember.ts';
import { Settlements, type Settled } from '../calls/settlements.ts';
import { Tally } from '../calls/counts/tally.ts';
import { UsageBook } from '../calls/counts/usage.ts';
import { zoneOf } from '../calls/counts/zone-of.ts';
import type { Records } from '../records/open-records.ts';
import { correctionsAfter, lastCorrection } from '../records/corrections.ts';
import { callerHistory, history } from '../records/remembered.ts';
import type { Standing } from '../reload/parcels.ts';
import { horizonOf, lookBackOf, type Horizon, type LookBack } from '../routing/look-back.ts';

export class Counters {
  readonly usages: UsageBook;
  readonly tally: Tally;
  readonly leases: Leases;
  readonly performance: Performance;
  readonly settlements: Settlements;
  readonly #db: Records['db'];
  readonly #current: { readonly config: Standing };
  #known: Horizon | null = null;
  #lookBack: LookBack | null = null;
  #noticed = 0n;
  #reading: Promise<void> = Promise.resolve();

  constructor(db: Records['db'], current: { readonly config: Standing }) {
    this.#db = db;
    this.#current = current;
    this.usages = new UsageBook((subject) => zoneOf(current.config, subject));
    this.tally = new Tally(this.usages);
    this.leases = new Leases(this.usages);
    this.performance = new Performance(lookBackOf(current.config.network).performance);
    this.settlements = new Settlements(this.leases, this.tally, this.performance);
  }

  /** Until they are filled from the records, a settled call is counted only there. */
  settled(call: Settled): void {
    if (this.#known !== null) this.settlements.settled(call);
  }

  /** What was corrected since, by whomever: by this switch, by a command. Rejects where the records cannot be read. */
  notice(): Promise<void> {
    return this.#inTurn(() => this.#notice());
  }

  /** Once, before the first call, with the journal's backlog in the records. */
  async fill(lookBack: LookBack, now: number): Promise<void> {
    const horizon = horizonOf(lookBack, now);
    // As of one moment: a correction is in what was, or is noticed afterwards.
    const snapshot = this.#db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
    const { quarters, callers, noticed } = await snapshot.execute(async (trx) => ({
      quarters: await history(trx, Math.min(horizon.counts, horizon.performance)),
      callers: await callerHistory(trx, horizon.callers),
      noticed: await lastCorrection(trx),
    }));
    await inSlices(quarters, (some) => remember(this, some, []));
    await inSlices(callers, (some) => remember(this, [], some));
    this.#noticed = noticed;
    // What was read for the performance was counted as well.
    this.#known = { ...horizon, counts: Math.min(horizon.counts, horizon.performance) };
    this.#lookBack = lookBack;
  }

  /** Lets go of callers whom no rule in force can ask for any more. */
  forget(now: number): void {
    if (this.#known === null || this.#lookBack === null) return;
    const callers = Math.max(this.#known.callers, now - this.#lookBack.callers);
    this.tally.forgetCallersBefore(callers);
    this.#known = { ...this.#known, callers };
  }

  /** Remembers as far back as is asked from now on. Rejects where the records cannot be read; nothing has changed then. */
  reachBack(lookBack: LookBack, now: number): Promise<void> {
    return this.#inTurn(() => this.#reachBack(lookBack, now));
  }

  /** One after the other: two that overlap would count the same past twice. */
  #inTurn(reads: () => Promise<void>): Promise<void> {
    const turn = this.#reading.then(reads);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Caps whose zone is another in `next` need their past by its clock. Resolves to what is to be done in the tick in
   * which `next` is installed; rejects where the records cannot be read.
   */
  async prepareClocks(next: Standing, now: number): Promise<() => void> {
    if (!this.#movesWith(next)) return () => undefined;
    await this.notice();
    // What was never counted cannot be moved.
    const past = await history(this.#db, Math.max(now - longestPeriod, this.#known?.counts ?? now));
    const change = new ClockChange(this.usages, (subject) => zoneOf(next, subject), now);
    await inSlices(past, (some) => change.take(some));
    return () => change.install();
  }

  /** Whether anything that was ever counted would keep another zone's time. */
  #movesWith({ network, timezone }: Standing): boolean {
    if (timezone !== this.#current.config.timezone) return true;
    for (const buyer of network.buyers.values()) {
      const kept = this.usages.timezoneOf(`buyer:${buyer.id}`);
      if (kept !== null && kept !== buyer.timezone) return true;
    }
    return false;
  }

  async #notice(): Promise<void> {
    if (this.#known === null) return;
    const found = await correctionsAfter(this.#db, this.#noticed);
    for (const { id, endedAt, revenue, ...correction } of found) {
      this.#noticed = id;
      // What lies further back is counted with all the rest, if ever it is asked for.
      if (endedAt.getTime() < this.#known.counts) continue;
      this.settlements.corrected({ ...correction, revenue: Number(revenue), at: endedAt.getTime() });
    }
    // A database that was replaced by one that is behind begins its numbers anew.
    const last = found.at(-1)?.id ?? (await lastCorrection(this.#db));
    if (last < this.#noticed) this.#noticed = last;
  }

  async #reachBack(lookBack: LookBack, now: number): Promise<void> {
    await this.#notice();
    const wanted = horizonOf(lookBack, now);
    const known = this.#known ?? wanted;
    const isFurther = (kind: keyof Horizon) => wanted[kind] < known[kind];
    const counted = isFurther('counts') ? await history(this.#db, wanted.counts, known.counts) : [];
    const brought = isFurther('performance') ? await history(this.#db, wanted.performance) : [];
    const callers = isFurther('callers') ? await callerHistory(this.#db, wanted.callers) : [];

    await inSlices(counted, (some) => remember({ tally: this.tally }, some, []));
    await inSlices(callers, (some) => remember({ tally: this.tally }, [], some));
    this.performance.keep(lookBack.performance);
    const takeOlder = this.performance.takesOlder();
    await inSlices(brought, (some) =>
      takeOlder(
        some.map(({ campaign, buyer, attempted: attempts, revenue, at }) => {
          return { campaign, buyer, attempts, revenue: Number(revenue), at };
        }),
      ),
    );
    this.#known = {
      counts: Math.min(known.counts, wanted.counts),
      performance: wanted.performance,
      callers: Math.min(known.callers, wanted.callers),
    };
    this.#lookBack = lookBack;
  }
}

/** So many rows take a millisecond or a few: calls come between. */
const rowsATick = 300;

async function inSlices<Row>(rows: readonly Row[], take: (some: readonly Row[]) => void): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsATick) {
    if (from > 0) await nextTick();
    take(rows.slice(from, from + rowsATick));
  }
}

/** A month of 31 days, in whichever zone it began first. */
const longestPeriod = 33 * 24 * 3_600_000;

import type { CapCount, CapPeriod, Subject } from '../../routing/network.ts';
import type { Usage, Usages } from '../../routing/usage.ts';
import { capPeriods, Periods } from './periods.ts';

/** What one call holds on a subject: with several buyers of a ring group it may hold several slots, and yet is one call. */
interface Holder {
  slots: number;
  /** Slots whose attempts may yet be answered. */
  ringing: number;
  /** Calls through to a buyer, or ended, of which it is not known yet what they are worth. */
  unsettled: number;
  /** What each of these would be worth; at most one of them will be paid. Micro-units. */
  readonly worths: number[];
}

/** What a holder holds: each is taken and given back by itself. */
export type Hold = 'slots' | 'ringing' | 'unsettled';

/**
 * All that is held and counted on one subject, in one place: the leases and the tally change it, the decision reads it.
 * It lives as long as its book, whichever table names its subject.
 */
class SubjectUsage implements Usage {
  #changes = 0;
  #live = 0;
  #ringing = 0;
  #holders: Map<string, Holder> | null = null;
  /** Micro-units that calls under way may yet bring: of each call its dearest attempt. */
  #reserved = 0;
  /** Pairs by count and period: until when it runs, and the sum; null: nothing was counted yet. */
  #cells: number[] | null = null;
  #offeredAt: number | null = null;
  #periods: Periods;

  constructor(periods: Periods) {
    this.#periods = periods;
  }

  get timezone(): string {
    return this.#periods.timezone;
  }

  get changes(): number {
    return this.#changes;
  }

  live(asking: string | null): number {
    return asking !== null && this.#holds(asking, 'slots') ? this.#live - 1 : this.#live;
  }

  ringing(asking: string | null): number {
    return asking !== null && this.#holds(asking, 'ringing') ? this.#ringing - 1 : this.#ringing;
  }

  /** Calls that may yet convert: those that live, and those that await their settlement. */
  mayConvert(asking: string | null): number {
    const all = this.#holders?.size ?? 0;
    return asking !== null && this.#holders?.has(asking) === true ? all - 1 : all;
  }

  reserved(asking: string | null): number {
    const own = asking === null ? undefined : this.#holders?.get(asking);
    return own === undefined ? this.#reserved : this.#reserved - dearest(own);
  }

  counted(count: CapCount, per: CapPeriod, now: number, asking: string | null): number {
    const sum = this.happened(count, per, now);
    switch (count) {
      case 'attempted':
        return sum;
      case 'connected':
        return sum + this.ringing(asking);
      case 'converted':
        return sum + this.mayConvert(asking);
      case 'revenue':
        return sum + this.reserved(asking);
    }
  }

  /** Counted since the start of the period that runs, and nothing else. */
  happened(count: CapCount, per: CapPeriod, now: number): number {
    if (this.#cells === null) return 0;
    const at = cellOf(count, per);
    return now < (this.#cells[at] ?? 0) ? (this.#cells[at + 1] ?? 0) : 0;
  }

  lastOffered(): number | null {
    return this.#offeredAt;
  }

  offered(at: number): void {
    this.#offeredAt = at;
  }

  count(count: CapCount, amount: number, at: number): void {
    this.#changed();
    for (const per of capPeriods) {
      const { until } = this.#periods.at(per, at);
      const cells = (this.#cells ??= emptyCells.slice());
      const cell = cellOf(count, per);
      const runs = cells[cell] ?? 0;
      // What happened before the running period counts for none that a cap can still ask for.
      if (until < runs) continue;
      cells[cell + 1] = until === runs ? (cells[cell + 1] ?? 0) + amount : amount;
      cells[cell] = until;
    }
  }

  /** Its clock is another's from now on. `difference`: what the running period holds more than the old one did. */
  move(periods: Periods, now: number, difference: (count: CapCount, per: CapPeriod) => number): void {
    this.#changed();
    const before = this.#periods;
    this.#periods = periods;
    if (this.#cells === null) return;
    for (const count of capCounts) {
      for (const per of capPeriods) {
        const cell = cellOf(count, per);
        const runs = this.#cells[cell] === before.at(per, now).until;
        const sum = runs ? (this.#cells[cell + 1] ?? 0) : 0;
        this.#cells[cell] = periods.at(per, now).until;
        this.#cells[cell + 1] = Math.max(0, sum + difference(count, per));
      }
    }
  }

  /** `worth`: micro-units that a cap on revenue must reckon with. */
  enter(holder: string, holds: readonly Hold[], worth: number): void {
    this.#changed();
    const holders = (this.#holders ??= new Map<string, Holder>());
    let own = holders.get(holder);
    if (own === undefined) holders.set(holder, (own = { slots: 0, ringing: 0, unsettled: 0, worths: [] }));
    for (const hold of holds) if (own[hold]++ === 0) this.#add(hold, 1);
    const before = dearest(own);
    own.worths.push(worth);
    this.#reserved += dearest(own) - before;
  }

  /** Gives back what was held; the worth stays reserved while anything of the same entry is held. */
  leave(holder: string, holds: readonly Hold[], worth: number | null): void {
    this.#changed();
    const own = this.#holders?.get(holder);
    if (own === undefined) throw new Error(`${holder} holds nothing that it could give back`);
    for (const hold of holds) if (--own[hold] === 0) this.#add(hold, -1);
    if (worth !== null) {
      const before = dearest(own);
      own.worths.splice(own.worths.indexOf(worth), 1);
      this.#reserved += dearest(own) - before;
    }
    if (own.worths.length > 0) return;
    this.#holders?.delete(holder);
    if (this.#holders?.size === 0) this.#holders = null;
  }

  #changed(): void {
    this.#changes = (this.#changes + 1) & 0x3fffffff;
  }

  #holds(holder: string, hold: Hold): boolean {
    return (this.#holders?.get(holder)?.[hold] ?? 0) > 0;
  }

  #add(hold: Hold, change: 1 | -1): void {
    if (hold === 'slots') this.#live += change;
    else if (hold === 'ringing') this.#ringing += change;
  }
}

/** One usage a subject, made on first use. Subjects come from configs alone: there are never more than they have named. */
export class UsageBook implements Usages {
  readonly #bySubject = new Map<Subject, SubjectUsage>();
  readonly #byTimezone = new Map<string, Periods>();
  readonly #zoneOf: (subject: Subject) => string;

  /** `zoneOf`: whose midnight a subject's caps are reset at. */
  constructor(zoneOf: (subject: Subject) => string) {
    this.#zoneOf = zoneOf;
  }

  of(subject: Subject): SubjectUsage {
    const present = this.#bySubject.get(subject);
    if (present !== undefined) return present;
    const usage = new SubjectUsage(this.periodsIn(this.#zoneOf(subject)));
    this.#bySubject.set(subject, usage);
    return usage;
  }

  /** Null: nothing was held or counted on it yet. */
  timezoneOf(subject: Subject): string | null {
    return this.#bySubject.get(subject)?.timezone ?? null;
  }

  [Symbol.iterator](): IterableIterator<[Subject, SubjectUsage]> {
    return this.#bySubject.entries();
  }

  periodsIn(timezone: string): Periods {
    const present = this.#byTimezone.get(timezone);
    if (present !== undefined) return present;
    const periods = new Periods(timezone);
    this.#byTimezone.set(timezone, periods);
    return periods;
  }
}

export const capCounts: readonly CapCount[] = ['attempted', 'connected', 'converted', 'revenue'];

const countAt: Readonly<Record<CapCount, number>> = {
  attempted: 0,
  connected: 10,
  converted: 20,
  revenue: 30,
};
const perAt: Readonly<Record<CapPeriod, number>> = { hour: 0, day: 2, week: 4, month: 6, ever: 8 };

const cellOf = (count: CapCount, per: CapPeriod): number => countAt[count] + perAt[per];

/** Fractions first: an array that has held one keeps its numbers side by side, not each in an object of its own. */
const emptyCells: readonly number[] = Array.from({ length: 40 }, () => 0.5).fill(0);

function dearest({ worths }: Holder): number {
  let most = 0;
  for (const worth of worths) if (worth > most) most = worth;
  return most;
}

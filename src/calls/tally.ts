import type { Buyer, CapCount, CapPeriod } from '../routing/network.ts';
import { periodStart } from '../routing/period.ts';

export type Seen = 'attempted' | 'connected' | 'converted';

/** What happened with a buyer that caps or repeat rules ask for; `amount` is 1, or micro-units of revenue. */
export interface Happened {
  readonly buyer: string;
  readonly campaign: string;
  readonly caller: string | null;
  readonly count: CapCount;
  readonly amount: number;
  readonly at: number;
}

/** A year: no rule looks back further than its `within`, and memory must end somewhere. */
const forgetAfter = 366 * 24 * 3_600_000;

/**
 * What each buyer was offered, got and paid for, by the local hour, day, week and month of the buyer's zone; and who
 * called. Counts happen once, at the event that the cap counts; filled from the records at the start.
 */
export class Tally {
  readonly #zones: (buyer: string) => string;
  readonly #counts = new Map<string, number>();
  readonly #lastOffered = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  constructor(zones: (buyer: string) => string) {
    this.#zones = zones;
  }

  add(what: Happened): void {
    this.count(what);
    if (what.caller !== null && what.count !== 'revenue') {
      this.see({ ...what, caller: what.caller, seen: what.count });
    }
  }

  count({ buyer, count, amount, at }: Pick<Happened, 'buyer' | 'count' | 'amount' | 'at'>): void {
    for (const per of ['hour', 'day', 'week', 'month', 'ever'] as const) {
      const key = this.#key(buyer, count, per, at);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount);
    }
    if (count === 'attempted') this.#lastOffered.set(buyer, Math.max(at, this.#lastOffered.get(buyer) ?? 0));
  }

  see(who: { caller: string; campaign: string; buyer: string; seen: Seen; at: number }): void {
    const key = `${who.caller}|${who.campaign}|${who.buyer}|${who.seen}`;
    this.#seen.set(key, Math.max(who.at, this.#seen.get(key) ?? 0));
  }

  counted(buyer: Buyer['id'], count: CapCount, per: CapPeriod, now: number): number {
    return this.#counts.get(this.#key(buyer, count, per, now)) ?? 0;
  }

  lastOffered(buyer: string): number | null {
    return this.#lastOffered.get(buyer) ?? null;
  }

  seen(caller: string, campaign: string, buyer: string, seen: Seen): number | null {
    return this.#seen.get(`${caller}|${campaign}|${buyer}|${seen}`) ?? null;
  }

  /** Drops what no rule can ask for any more: periods that are over, callers long forgotten. */
  forget(now: number): void {
    for (const key of this.#counts.keys()) {
      const [buyer = '', count, per] = key.split('|');
      if (key !== this.#key(buyer, count as CapCount, per as CapPeriod, now)) this.#counts.delete(key);
    }
    for (const [key, at] of this.#seen) if (at < now - forgetAfter) this.#seen.delete(key);
  }

  #key(buyer: string, count: CapCount, per: CapPeriod, at: number): string {
    return `${buyer}|${count}|${per}|${periodStart(per, this.#zones(buyer), at)}`;
  }
}

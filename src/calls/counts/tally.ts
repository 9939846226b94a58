import type { CapCount, CapPeriod, Subject } from '../../routing/network.ts';
import type { Seen } from '../../routing/plan.ts';
import { Callers } from './callers.ts';
import type { UsageBook } from './usage.ts';

/**
 * What happened on each subject in the hour, day, week and month that run in its zone, and who called. Counts happen
 * once, at the event that the cap counts; filled from the records at the start.
 */
export class Tally {
  readonly callers = new Callers();
  readonly #usages: UsageBook;

  constructor(usages: UsageBook) {
    this.#usages = usages;
  }

  /** `amount` is 1 for each call, or micro-units of revenue. */
  count(subjects: readonly Subject[], count: CapCount, amount: number, at: number): void {
    for (const subject of subjects) this.#usages.of(subject).count(count, amount, at);
  }

  counted(subject: Subject, count: CapCount, per: CapPeriod, now: number): number {
    return this.#usages.of(subject).happened(count, per, now);
  }

  offered(buyer: string, at: number): void {
    this.#usages.of(`buyer:${buyer}`).offered(at);
  }

  /** As the records tell, in no order: later offers stand. */
  rememberOffered(buyer: string, at: number): void {
    const usage = this.#usages.of(`buyer:${buyer}`);
    if (at > (usage.lastOffered() ?? -Infinity)) usage.offered(at);
  }

  see(who: { caller: string; campaign: string; buyer: string; seen: Seen; at: number }): void {
    this.callers.see(who);
  }

  seen(caller: string, campaign: string, buyer: string, seen: Seen): number | null {
    return this.callers.in(campaign, caller)?.by(buyer, seen) ?? null;
  }

  /** Drops callers whom no rule can ask for any more. */
  forgetCallersBefore(at: number): void {
    this.callers.forgetBefore(at);
  }
}

import type { CapCount, CapPeriod, Subject } from './network.ts';

/** What of one subject's limits is used up: slots held and events counted. */
export interface Usage {
  /** Another number whenever a figure has changed but by the time of day; negative: not told. */
  readonly changes: number;
  /** Calls that hold a slot; `asking` is a call that is not in its own way. */
  live(asking: string | null): number;
  /**
   * Counted since the local start of the period, and what is held for calls under way that may yet be counted. Calls;
   * for `revenue`, micro-units.
   */
  counted(count: CapCount, per: CapPeriod, now: number, asking: string | null): number;
  /** When a call was last offered to it, where it is a buyer; null if never. */
  lastOffered(): number | null;
}

/** Whoever keeps them gives the same object for the same subject always: what was found once need not be looked up. */
export interface Usages {
  of(subject: Subject): Usage;
}

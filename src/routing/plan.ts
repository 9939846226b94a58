/** What the routing decision is asked, what it reads of the world, and what it answers. */
import type { AttributeValue, Attributes } from '../conditions/condition.ts';
import type { Buyer, Campaign, Route, Subject, Trunk } from './network.ts';
import type { Usages } from './usage.ts';

export interface CallToRoute {
  readonly campaign: Campaign;
  readonly publisher: string;
  /** E.164, or null where the caller withheld it. */
  readonly caller: string | null;
  readonly attributes: Attributes;
}

/** Everything that changes from call to call, as arguments: a decision can be replayed. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Uniform in [0, 1). */
  dice(): number;
  /** The call that asks, whose own slots do not stand in its way; null: it holds none. */
  readonly asking: string | null;
  readonly usages: Usages;
  /** INVITEs to the trunk in the last second. */
  startedThisSecond(trunk: string): number;
  /** The trunks of this instant: whoever keeps them is told the same later. */
  trunks(): TrunksNow;
  /** What buyers of this campaign have had to do with this caller; null: nothing. */
  seenIn(campaign: string, caller: string): SeenCaller | null;
  /** What the buyer brought this campaign in the last `over` milliseconds; revenue in micro-units. */
  performance(
    campaign: string,
    buyer: string,
    over: number,
  ): { readonly attempts: number; readonly revenue: number };
  /** Micro-units bid for this call; where there is no bid, the word for what came instead; null: nothing is known. */
  bid(buyer: string): number | string | null;
}

export type Seen = 'attempted' | 'connected' | 'converted';

export interface TrunksNow {
  isUp(trunk: string): boolean;
  /** Why it rests, `5 calls in a row had no answer, until 14:02:11 UTC`; null: it is up, or its probes say no more. */
  rests(trunk: string): string | null;
}

export interface SeenCaller {
  /** When the caller was last seen by the buyer in that sense; null if never. */
  by(buyer: string, seen: Seen): number | null;
}

export type Rule =
  'paused' | 'trunk_down' | 'accepts' | 'hours' | 'cap' | 'concurrency' | 'spacing' | 'repeat_caller' | 'bid';

export interface LeftOut {
  readonly buyer: string;
  readonly rule: Rule;
  /**
   * For `accepts`, which attribute; for `cap`, which counter: the buyer's own as `connected.day`, that of another
   * subject as `campaign:solar connected.day`; for `concurrency` and `spacing`, the subject where it is not the buyer
   * itself (`trunk:sunrise-pbx`); for `hours`, the buyer's zone; for `trunk_down`, the trunk; for `repeat_caller`, how
   * repeat callers are treated.
   */
  readonly about?: string;
  /**
   * `null`: not known. For `trunk_down`, `down`, or `rests:` and why. Spans (`spacing`, `repeat_caller`) in milliseconds, money in micro-units; for `bid`, where there
   * was none, the word for why (`timeout`).
   */
  readonly seen: AttributeValue | null;
  readonly limit: AttributeValue | readonly AttributeValue[] | null;
}

export interface PlannedAttempt {
  readonly buyer: Buyer;
  readonly trunk: Trunk;
  readonly route: Route;
  /** What this attempt holds a slot on and counts for: buyer, route, campaign, trunk. The call's publisher comes to it. */
  readonly subjects: readonly Subject[];
  /** Which of the campaign's routes it is, as the table has them. */
  readonly place: number;
}

export type RejectReason = 'unknown_number' | 'blocked' | 'repeat_caller' | 'no_buyer';

export type Decision =
  | {
      readonly outcome: 'dial';
      readonly plan: readonly PlannedAttempt[];
      /** Put into words when it is first read. */
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly outcome: 'reject'; readonly reason: RejectReason; readonly leftOut: readonly LeftOut[] };

/** The terms of a call: who pays what for it, under which conditions, as they stood when it was routed. */
import type { Condition } from '../conditions/condition.ts';
import type { Money } from './money.ts';
import type { Rounding } from './rounding.ts';

/** The first rule that holds pays. */
export interface PayRule {
  readonly pays: Pays;
  /** Over `connected` and `inbound` (milliseconds) and every attribute of the call. */
  readonly when: readonly Condition[];
}

export type Pays =
  | { readonly kind: 'flat'; readonly amount: Money }
  /** Parts per million of the revenue of this call. Payouts only. */
  | { readonly kind: 'share'; readonly ppm: number; readonly round: Rounding }
  | ({ readonly kind: 'per_minute'; readonly rate: Money } & ByTime)
  /** The amount of the highest tier reached. In rising order of `from`. */
  | {
      readonly kind: 'tiers';
      readonly of: Clock;
      readonly tiers: readonly { readonly from: number; readonly amount: Money }[];
    }
  /** Each stretch of the billed time at its own rate a minute. In rising order, the first from 0. */
  | ({
      readonly kind: 'rates';
      readonly tiers: readonly { readonly from: number; readonly rate: Money }[];
    } & ByTime)
  /** Parts per million of what the buyer reported under this name. Revenue only. */
  | { readonly kind: 'reported'; readonly name: string; readonly ppm: number; readonly round: Rounding };

export type Clock = 'connected' | 'inbound';

/** Time is billed in one first increment and whole further ones; milliseconds. */
export interface ByTime {
  readonly of: Clock;
  readonly first: number;
  readonly then: number;
  readonly round: Rounding;
}

export interface BuyerTerms {
  readonly buyer: string;
  readonly revenue: readonly PayRule[];
  /** Billable once per caller in this many milliseconds. */
  readonly oncePerCaller: number | null;
}

export interface PayoutTerms {
  readonly campaign: string;
  /** The publisher's own rules where it has them for this campaign, else the campaign's. */
  readonly payout: readonly PayRule[];
  /** Payable once per caller in this many milliseconds. */
  readonly oncePerCaller: number | null;
  readonly disputes: DisputeTerms;
}

export interface DisputeTerms {
  /** How long after the end of a call its buyer may open one, milliseconds; null: at any time. */
  readonly within: number | null;
  /** Whether an accepted one takes back the payout, too, or the network bears it. */
  readonly payout: 'reverse' | 'keep';
}

/** What holds of a publisher in all campaigns. */
export interface PublisherTerms {
  readonly publisher: string;
  /** Milliseconds from the end of a call until its payout is payable. */
  readonly hold: number;
  readonly caps: readonly PayoutCap[];
}

export interface PayoutCap {
  readonly limit: Money;
  readonly per: 'day' | 'week' | 'month' | 'ever';
  /** Null: what all campaigns pay, together. */
  readonly campaign: string | null;
}

/** All terms of one config, by its hash: journalled before any call is routed by it. */
export interface TermsBook {
  readonly currency: string;
  /** Digits after the point in the currency's minor unit: 2 for USD. */
  readonly minorDigits: number;
  /** The network's time zone: of the periods of payout caps. */
  readonly timezone: string;
  /** The hold of publishers that `publishers` does not name, milliseconds. */
  readonly hold: number;
  readonly buyers: ReadonlyMap<string, BuyerTerms>;
  /** By campaign, and by `campaign/publisher` where the publisher has rules of its own. */
  readonly campaigns: ReadonlyMap<string, PayoutTerms>;
  /** Those alone that have a hold or caps of their own. */
  readonly publishers: ReadonlyMap<string, PublisherTerms>;
}

/** The terms of a call: who pays what for it, under which conditions, as they stood when it was routed. */
import type { Condition } from '../conditions/condition.ts';
import type { Money } from './money.ts';

/** The first rule whose conditions all hold pays. */
export interface PayRule {
  readonly pays:
    | { readonly kind: 'flat'; readonly amount: Money }
    /** Parts per million of the revenue of this call, rounded half to even to the minor unit. */
    | { readonly kind: 'share'; readonly ppm: number };
  /** Over `connected` and `inbound` (milliseconds) and every attribute of the call. */
  readonly when: readonly Condition[];
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
}

/** All terms of one config, by its hash: journalled before any call is routed by it. Bigints as decimal text. */
export interface TermsBook {
  readonly currency: string;
  /** Digits after the point in the currency's minor unit: 2 for USD. */
  readonly minorDigits: number;
  readonly buyers: ReadonlyMap<string, BuyerTerms>;
  /** By campaign, and by `campaign/publisher` where the publisher has rules of its own. */
  readonly campaigns: ReadonlyMap<string, PayoutTerms>;
}

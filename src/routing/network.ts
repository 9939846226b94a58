/**
 * The network as routing sees it: what the config says, checked, resolved and frozen.
 * `src/config` makes it from YAML; `compile` turns it into a RoutingTable; the call story reads the parts it
 * needs (trunk, menu, whisper) from the objects that the plan points at. Durations are milliseconds,
 * numbers E.164, paths absolute, times of day minutes since local midnight.
 */
import type { Period } from '../calendar/period.ts';
import type { Condition } from '../conditions/condition.ts';

export interface Network {
  readonly country: string;
  readonly timezone: string;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly buyers: ReadonlyMap<string, Buyer>;
  readonly campaigns: ReadonlyMap<string, Campaign>;
  readonly publishers: ReadonlyMap<string, Publisher>;
  readonly numbers: Numbers;
}

/** Tracking numbers by E.164: a Map, or a NumberIndex where there are a great many of them. */
export interface Numbers extends Iterable<readonly [string, TrackingNumber]> {
  readonly size: number;
  get(number: string): TrackingNumber | undefined;
}

/**
 * What a limit is held on: `buyer:sunrise`, `route:solar/sunrise`, `campaign:solar`, `publisher:clickwise`,
 * `trunk:sunrise-pbx`. One name for it in leases, counters, metrics and reasons.
 */
export type Subject = `${'buyer' | 'route' | 'campaign' | 'publisher' | 'trunk'}:${string}`;

export interface Trunk {
  readonly id: string;
  /** `sip:host:port`, without a user part: the number dialled is the buyer's. */
  readonly uri: string;
  readonly transport: 'udp' | 'tcp';
  readonly auth?: { readonly username: string; readonly password: string };
  readonly concurrency: number | null;
  /** INVITEs a second at the most. */
  readonly cps: number | null;
  /** An INVITE that was not answered by anything at all for this long is given up, milliseconds. */
  readonly silentAfter: number;
  /** When it is left alone for failing; null: never. */
  readonly breaker: BreakerRule | null;
  readonly probe?: { readonly every: number; readonly downAfter: number; readonly upAfter: number };
  /** In place of the campaign's. */
  readonly failover?: Failover;
}

/** After so many failures in a row; or once as many are this share of the calls of the last `over`. Milliseconds. */
export interface BreakerRule {
  readonly failures: number;
  readonly ratio: number;
  readonly over: number;
  readonly rest: number;
}

export interface Buyer {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
  readonly trunk: string;
  /** What is dialled on the trunk. */
  readonly dial: string;
  readonly paused: boolean;
  readonly hours: Hours;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
  /** Least time between two calls offered. */
  readonly spacing: number;
  readonly accepts: readonly Condition[];
  /** A WAV file that the buyer hears before the caller is put through. */
  readonly whisper?: string;
  /** What a call is worth to this buyer, its clocks taken as met: the best whose conditions hold is expected. */
  readonly worth: readonly Worth[];
  readonly bid: Bidder | null;
}

export interface Worth {
  /** Micro-units. */
  readonly pays: number;
  /** The revenue rule's conditions but for `connected` and `inbound`. */
  readonly when: readonly Condition[];
}

export interface Bidder {
  readonly url: string;
  readonly timeout: number;
  /** Micro-units; a lower bid is no bid. */
  readonly min: number;
  /** Whether the caller's number is sent, or a keyed hash of it. */
  readonly share: 'hash' | 'number';
}

/** `always`, or ranges for each ISO weekday (1 = Monday … 7 = Sunday), with dated exceptions (`2026-12-25`). */
export type Hours =
  | 'always'
  | {
      readonly weekly: ReadonlyMap<number, readonly TimeRange[]>;
      readonly except: ReadonlyMap<string, readonly TimeRange[]>;
    };

/** Minutes since local midnight; `to <= from` runs past midnight into the next day. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export type CapCount = 'attempted' | 'connected' | 'converted' | 'revenue';
export type CapPeriod = Period;

export interface Cap {
  readonly count: CapCount;
  /** A number of calls; for `revenue`, an amount in the micro-units of settlement's Money. */
  readonly limit: number;
  readonly per: CapPeriod;
}

export interface Publisher {
  readonly id: string;
  readonly name: string;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
}

export interface TrackingNumber {
  readonly number: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly advertiser: string | null;
  readonly ivr: Ivr | null;
  readonly media: 'auto' | 'anchored';
  readonly record: 'off' | 'answered';
  readonly block: { readonly anonymous: boolean; readonly callers: ReadonlySet<string> };
  readonly repeatCaller: RepeatCaller | null;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
  readonly routing: RoutingRules;
}

export interface RepeatCaller {
  readonly within: number;
  readonly seen: 'attempted' | 'connected' | 'converted';
  readonly treat: 'any' | 'same_buyer' | 'other_buyer' | 'reject';
}

export interface RoutingRules {
  readonly strategy: 'priority' | 'round_robin' | 'highest_revenue' | 'best_performing';
  /** For `best_performing`: how far back, how many attempts before a buyer's own figure counts, how often to explore. */
  readonly performance: { readonly over: number; readonly minCalls: number; readonly explore: number };
  /** Milliseconds in which a repeat caller goes first to the buyer that had it; null: not at all. */
  readonly sticky: number | null;
  /** Of routes and trunks that say nothing of their own. */
  readonly failover: Failover;
  /** How long one buyer may ring. */
  readonly ring: number;
  readonly attempts: number;
  /** Ringing in all. */
  readonly giveUp: number;
  readonly onEarlyHangup: { readonly within: number; readonly retry: boolean } | null;
  /** A country's ringing tone, played once the caller was answered by an IVR. */
  readonly ringback: string;
  readonly noBuyer: { readonly play: string } | null;
  readonly routes: readonly Route[];
}

/** SIP statuses after which no other buyer is tried: `486`, or a class as its first digit, `6`. */
export interface Failover {
  readonly stop: readonly number[];
}

export interface Route {
  readonly buyer: string;
  readonly priority: number;
  readonly weight: number;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
  /** Routes of one group ring together; null: alone. Its members share priority and weight. */
  readonly group: string | null;
  /** In place of the trunk's. */
  readonly failover?: Failover;
}

export interface Ivr {
  readonly id: string;
  readonly start: string;
  readonly steps: ReadonlyMap<string, IvrStep>;
}

/** `go` names the next step; `route` ends the menu and `hangup` the call. */
export type IvrStep =
  | {
      readonly kind: 'menu';
      readonly play: string;
      readonly timeout: number;
      readonly tries: number;
      readonly choices: ReadonlyMap<string, IvrMove>;
      readonly otherwise: IvrMove;
    }
  | {
      readonly kind: 'gather';
      readonly play: string;
      readonly digits: number;
      /** The `ivr.` attribute that the digits become. */
      readonly into: string;
      readonly timeout: number;
      readonly tries: number;
      readonly next: IvrMove;
      readonly otherwise: IvrMove;
    }
  | { readonly kind: 'play'; readonly play: string; readonly next: IvrMove };

export interface IvrMove {
  readonly set: Readonly<Record<string, string>>;
  readonly go: string;
}

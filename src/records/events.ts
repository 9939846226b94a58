/**
 * What the journal holds: the life of each call, in the order in which it happened. A line is self-sufficient; the
 * `ended` line alone makes a CDR, the lines before it let a killed switch close the calls that it lost.
 * Times are milliseconds since the epoch. Written as JSON: no bigint, no undefined.
 */
import type { AttributeValue } from '../conditions/condition.ts';

export type JournalEvent =
  | TermsEvent
  | TableEvent
  | ({ readonly type: 'offered'; readonly at: number } & CallIdentity)
  /** The switch itself answered the caller. */
  | { readonly type: 'answered'; readonly at: number; readonly call: string }
  | {
      readonly type: 'routed';
      readonly at: number;
      readonly call: string;
      readonly attributes: Readonly<Record<string, AttributeValue>>;
      readonly plan: readonly PlannedLine[];
      readonly leftOut: readonly LeftOutLine[];
    }
  | { readonly type: 'attempted'; readonly at: number; readonly call: string; readonly attempt: PlannedLine }
  /** Caller and buyer are through to each other: the payout clock starts. */
  | { readonly type: 'connected'; readonly at: number; readonly call: string; readonly buyer: string }
  /** These calls were alive at this time. */
  | { readonly type: 'alive'; readonly at: number; readonly calls: readonly string[] }
  | { readonly type: 'ended'; readonly at: number; readonly record: CallRecord };

/** A part of the terms of tables that come after it, and of later ones that have the same. */
export interface TermsEvent {
  readonly type: 'terms';
  readonly at: number;
  /** Names the part: a digest of `terms`. */
  readonly digest: string;
  /** Settlement's TermsBook in its JSON form, as text: for the journal it is one piece. */
  readonly terms: string;
}

/** Before any call is routed by this table. */
export type TableEvent = {
  readonly type: 'table';
  readonly at: number;
  readonly hash: string;
} & (
  | {
      readonly currency: string;
      readonly minorDigits: number;
      /** The digests of its terms, each in a `terms` event before this one; settlement's `partOf` tells what is where. */
      readonly parts: readonly string[];
    }
  /** As it was written before terms came in parts: the whole TermsBook in its JSON form. */
  | { readonly terms: unknown }
);

export interface CallIdentity {
  readonly call: string;
  /** E.164; null where withheld (`caller.anonymous`), or where what the carrier gave is no number. */
  readonly from: string | null;
  readonly to: string;
  readonly carrier: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly table: string;
}

export interface PlannedLine {
  readonly buyer: string;
  readonly trunk: string;
  readonly dial: string;
  readonly priority: number;
  /** What the buyer bid for this call, as decimal text; absent where it pays by its rules alone. */
  readonly bid?: string;
}

export interface LeftOutLine {
  readonly buyer: string;
  readonly rule: string;
  readonly about?: string;
  readonly seen: AttributeValue | null;
  readonly limit: AttributeValue | readonly AttributeValue[] | null;
}

/** `connected`: a buyer and the caller were through to each other. `abandoned`: the caller left before that. */
export type Outcome = 'connected' | 'no_buyer' | 'abandoned' | 'rejected' | 'failed';

/** Why a call ended; the first cause wins. The list is closed: log, metric and record use these words. */
export const causes = [
  'caller_hangup',
  'buyer_hangup',
  'caller_cancelled',
  'blocked_caller',
  'repeat_caller',
  'no_buyer',
  'menu_hangup',
  'no_common_codec',
  'max_call',
  'rtp_timeout',
  'no_ack',
  'leg_lost',
  'drained',
  'media_failed',
  'media_lost',
  'signalling_lost',
  'switch_lost',
  'defect',
] as const;
export type Cause = (typeof causes)[number];

export interface CallRecord extends CallIdentity {
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly connectedAt: number | null;
  readonly endedAt: number;
  readonly outcome: Outcome;
  readonly cause: Cause;
  /** Who sent the first BYE or CANCEL. */
  readonly hungUpBy: 'caller' | 'buyer' | 'switch';
  readonly attempts: readonly AttemptRecord[];
  /** The buyer that the caller was connected to. */
  readonly buyer: string | null;
  readonly plan: readonly PlannedLine[];
  readonly leftOut: readonly LeftOutLine[];
  readonly media: 'none' | 'direct' | 'anchored';
  readonly recording: string | null;
}

export interface AttemptRecord extends PlannedLine {
  readonly startedAt: number;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly result:
    | 'answered'
    | 'busy'
    | 'no_answer'
    | 'refused'
    | 'unreachable'
    | 'cancelled'
    | 'no_common_codec'
    | 'early_hangup';
  /** The final SIP status, where one came. */
  readonly status: number | null;
  readonly reason: string | null;
}

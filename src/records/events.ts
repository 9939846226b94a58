/**
 * What the journal holds: the life of each call, in the order in which it happened. A line is self-sufficient; the
 * `ended` line alone makes a CDR, the lines before it let a killed switch close the calls that it lost.
 * Times are milliseconds since the epoch. Written as JSON: no bigint, no undefined.
 */
import type { AttributeValue } from '../conditions/condition.ts';

export type JournalEvent =
  | TermsEvent
  | TableEvent
  | ({
      readonly type: 'offered';
      readonly at: number;
      /** Absent in lines written before it was noted. */
      readonly sipCallId?: string;
    } & CallIdentity)
  /** The caller is about to be answered: the line is on disk before the 200 goes out. */
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
  /** Caller and buyer are about to be put through, and are paid for from here: on disk before they hear each other. */
  | {
      readonly type: 'connected';
      readonly at: number;
      readonly call: string;
      readonly buyer: string;
      /** Absent in lines written before it was noted. */
      readonly media?: 'direct' | 'anchored';
    }
  /** These calls were alive at this time. */
  | { readonly type: 'alive'; readonly at: number; readonly calls: readonly string[] }
  | { readonly type: 'ended'; readonly at: number; readonly record: CallRecord }
  /** What the media server saw of a leg's RTP; it comes after `ended`, once the leg was let go. */
  | ({
      readonly type: 'media';
      readonly at: number;
      readonly call: string;
      readonly startedAt: number;
      /** 0: the caller; else the attempt's position, from 1. */
      readonly leg: number;
    } & MediaFigures);

interface MediaFigures {
  readonly codec: string | null;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** The greatest measured, milliseconds; null where the media server told none. */
  readonly jitter: number | null;
}

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
  /** First 18x that the caller was sent. Absent in records written before it was noted. */
  readonly ringingAt?: number | null;
  readonly answeredAt: number | null;
  /** The caller's ACK of our 200; null where none came before the end. */
  readonly acknowledgedAt?: number | null;
  readonly connectedAt: number | null;
  /** First BYE or CANCEL on the caller's leg, from either side; null where there was none, as after a refusal. */
  readonly byeAt?: number | null;
  readonly endedAt: number;
  /** SIP's Call-ID of the caller's leg. */
  readonly sipCallId?: string | null;
  /** Of the caller's audio once it was answered: PCMU, PCMA. */
  readonly codec?: string | null;
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
  /** The INVITE. */
  readonly startedAt: number;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  /** Our ACK of the buyer's 200. */
  readonly acknowledgedAt?: number | null;
  /** First BYE or CANCEL on the buyer's leg, from either side; null where the buyer's own answer was the end. */
  readonly byeAt?: number | null;
  readonly endedAt: number;
  /** SIP's Call-ID of the buyer's leg; null where no INVITE went out. */
  readonly sipCallId?: string | null;
  readonly result:
    | 'answered'
    | 'busy'
    /** It rang, and nobody took it. */
    | 'no_answer'
    /** Not even a provisional answer came in time. */
    | 'no_response'
    | 'refused'
    | 'unreachable'
    | 'cancelled'
    | 'no_common_codec'
    | 'early_hangup';
  /** The final SIP status, where one came. */
  readonly status: number | null;
  readonly reason: string | null;
}

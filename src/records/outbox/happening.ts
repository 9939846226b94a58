/** What happened to a call, as far as it is told to others. Times are milliseconds, amounts decimal text. */
import type { AttributeValue } from '../../conditions/condition.ts';
import type { CallRecord } from '../events.ts';
import type { LedgerEntriesTable } from '../schema/money.ts';

export type Happening =
  | (Happened & { readonly event: 'call.started' | 'call.connected'; readonly call: CallKnown })
  | (Happened & { readonly event: 'call.ended'; readonly call: CallKnown; readonly end: CallEnd })
  | (Happened & {
      readonly event: 'call.settled';
      readonly call: CallKnown;
      readonly end: CallEnd;
      readonly worth: Worth;
    })
  | (Happened & { readonly event: 'call.corrected'; readonly correction: CorrectionKnown });

interface Happened {
  readonly at: number;
  /** Tells it apart from others of its kind about this call. */
  readonly reference: string;
}

export interface CallKnown {
  readonly call: string;
  readonly carrier: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  /** Whom the caller is connected to. */
  readonly buyer: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly startedAt: number;
  readonly connectedAt: number | null;
}

export interface CallEnd extends Pick<CallRecord, 'outcome' | 'cause' | 'hungUpBy'> {
  readonly answeredAt: number | null;
  readonly endedAt: number;
}

export interface Worth {
  readonly currency: string | null;
  readonly revenue: string;
  readonly revenueReason: string;
  readonly payout: string;
  readonly payoutReason: string;
  readonly margin: string;
  readonly converted: boolean;
}

export interface CorrectionKnown {
  readonly kind: Exclude<LedgerEntriesTable['kind'], 'call'>;
  readonly reference: string;
  /** Null for an adjustment that is of no call, or of one whose record was let go of. */
  readonly call: CallKnown | null;
  readonly callId: string | null;
  readonly campaign: string | null;
  readonly publisher: string | null;
  readonly buyer: string | null;
  readonly currency: string;
  /** By how much more; null where it is not changed. */
  readonly revenueChange: string | null;
  readonly payoutChange: string | null;
  readonly marginChange: string;
  /** As it stands now; adjustments are beside it. */
  readonly worth: Worth | null;
  readonly by: string;
  readonly why: string;
}

/** The tables of calls, as kysely sees them. */
import type { GeneratedAlways } from 'kysely';
import type { AttributeValue } from '../../conditions/condition.ts';
import type { AttemptRecord, CallRecord, Cause, LeftOutLine, Outcome, PlannedLine } from '../events.ts';
import type { Count, Json } from './columns.ts';

export interface CallTables {
  calls: CallsTable;
  attempts: AttemptsTable;
  call_media: CallMediaTable;
}

export interface CallsTable {
  id: string;
  started_at: Date;
  ringing_at: Date | null;
  answered_at: Date | null;
  acknowledged_at: Date | null;
  connected_at: Date | null;
  bye_at: Date | null;
  ended_at: Date;
  sip_call_id: string | null;
  from_number: string | null;
  to_number: string;
  carrier: string;
  campaign: string;
  publisher: string;
  source: string | null;
  attributes: Json<Readonly<Record<string, AttributeValue>>>;
  /** `caller.state`. */
  state: GeneratedAlways<string | null>;
  outcome: Outcome;
  cause: Cause;
  hung_up_by: CallRecord['hungUpBy'];
  buyer: string | null;
  connected_ms: Count;
  inbound_ms: Count;
  media: CallRecord['media'];
  codec: string | null;
  recording: string | null;
  plan: Json<readonly PlannedLine[]>;
  left_out: Json<readonly LeftOutLine[]>;
  table_hash: string;
  /** As they stand after corrections; the ledger tells how they came about. */
  revenue: bigint;
  revenue_reason: string;
  payout: bigint;
  payout_reason: string;
  margin: GeneratedAlways<bigint>;
  converted: boolean;
  /** Calls were settled in the order of this: each saw those before it. */
  settled: GeneratedAlways<bigint>;
}

export interface AttemptsTable {
  call_id: string;
  /** Of the call: which month it lies in. */
  call_started_at: Date;
  /** From 1, in the order in which they were made. */
  position: number;
  buyer: string;
  trunk: string;
  dial: string;
  priority: number;
  /** Micro-units; null where the buyer pays by its rules alone. */
  bid: bigint | null;
  sip_call_id: string | null;
  started_at: Date;
  ringing_at: Date | null;
  answered_at: Date | null;
  acknowledged_at: Date | null;
  bye_at: Date | null;
  ended_at: Date;
  result: AttemptRecord['result'];
  status: number | null;
  reason: string | null;
}

/** What the media server saw of the RTP of a leg. */
export interface CallMediaTable {
  call_id: string;
  call_started_at: Date;
  /** 0: the caller; else the attempt's position. */
  leg: number;
  codec: string | null;
  packets_sent: Count;
  packets_received: Count;
  packets_lost: Count;
  jitter_ms: number | null;
}

/** The tables, as kysely sees them. Money is micro-units in a bigint; times are timestamptz, read as Date. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import type { AttemptRecord, CallRecord, Cause, LeftOutLine, Outcome, PlannedLine } from './events.ts';

/** Written as JSON text: the driver would take a JavaScript array for a Postgres one. */
type Json<T> = ColumnType<T, string, never>;
type Count = ColumnType<bigint, bigint | number, bigint | number>;

export interface CallsTable {
  id: string;
  started_at: Date;
  answered_at: Date | null;
  connected_at: Date | null;
  ended_at: Date;
  from_number: string | null;
  to_number: string;
  carrier: string;
  campaign: string;
  publisher: string;
  source: string | null;
  attributes: Json<Readonly<Record<string, AttributeValue>>>;
  outcome: Outcome;
  cause: Cause;
  hung_up_by: CallRecord['hungUpBy'];
  buyer: string | null;
  connected_ms: Count;
  media: CallRecord['media'];
  recording: string | null;
  plan: Json<readonly PlannedLine[]>;
  left_out: Json<readonly LeftOutLine[]>;
  table_hash: string;
  revenue: bigint;
  revenue_reason: string;
  payout: bigint;
  payout_reason: string;
  margin: GeneratedAlways<bigint>;
  converted: boolean;
}

export interface AttemptsTable {
  call_id: string;
  /** From 1, in the order in which they were made. */
  position: number;
  buyer: string;
  trunk: string;
  dial: string;
  priority: number;
  /** Micro-units; null where the buyer pays by its rules alone. */
  bid: bigint | null;
  started_at: Date;
  ringing_at: Date | null;
  answered_at: Date | null;
  ended_at: Date;
  result: AttemptRecord['result'];
  status: number | null;
  reason: string | null;
}

export interface LedgerEntriesTable {
  id: GeneratedAlways<bigint>;
  call_id: string;
  kind: string;
  account: 'receivable' | 'payable' | 'margin';
  party: string;
  /** Debits are positive, credits negative. */
  amount: bigint;
  currency: string;
  at: Date;
}

export interface RoutingTablesTable {
  hash: string;
  first_at: Date;
  /** Null, as are its digits: the terms of this table were of a kind that could not be read. */
  currency: string | null;
  minor_digits: number | null;
  /** The digests of its terms, in the order of settlement's `partOf`. */
  parts: readonly string[];
}

export interface TermsTable {
  digest: string;
  /** A part of the terms of some tables, as JSON. */
  terms: string;
}

export interface JournalPositionTable {
  journal: string;
  seq: Count;
  mark: string;
  updated_at: Generated<Date>;
}

export interface JournalGapsTable {
  journal: string;
  from_seq: Count;
  to_seq: Count;
  found_at: Generated<Date>;
}

export interface JournalRejectsTable {
  journal: string;
  seq: Count;
  event: string;
  error: string;
  found_at: Generated<Date>;
}

export interface Schema {
  calls: CallsTable;
  attempts: AttemptsTable;
  ledger_entries: LedgerEntriesTable;
  routing_tables: RoutingTablesTable;
  terms: TermsTable;
  journal_position: JournalPositionTable;
  journal_gaps: JournalGapsTable;
  journal_rejects: JournalRejectsTable;
}

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

/** A posting is (call, kind, reference); its lines sum to zero and are inserted by one statement. */
export interface LedgerEntriesTable {
  id: GeneratedAlways<bigint>;
  /** Null for an adjustment that is of no call. */
  call_id: string | null;
  kind: 'call' | 'conversion' | 'dispute' | 'adjustment';
  /** Tells apart several of one kind: a conversion's key and revision, a dispute's or adjustment's id; empty for `call`. */
  reference: ColumnType<string, string | undefined, never>;
  account: 'receivable' | 'payable' | 'margin';
  party: string;
  campaign: string | null;
  /** Debits are positive, credits negative. */
  amount: bigint;
  currency: string;
  at: Date;
  /** The line that this one corrects. */
  corrects: bigint | null;
  payable_at: Date | null;
  made_by: string | null;
  why: string | null;
}

export interface ConversionsTable {
  call_id: string;
  key: string;
  revision: number;
  name: string;
  amount: bigint | null;
  reported_by: string;
  happened_at: Date;
  received_at: Generated<Date>;
}

export interface DisputesTable {
  id: string;
  call_id: string;
  buyer: string;
  reason: string;
  opened_at: Generated<Date>;
  opened_by: string;
  state: ColumnType<'open' | 'accepted' | 'partly' | 'refused', 'open' | undefined>;
  /** Of one accepted in part: the revenue that remains. */
  remains: bigint | null;
  decided_at: Date | null;
  decided_by: string | null;
  why: string | null;
}

export interface StatementsTable {
  id: string;
  account: 'receivable' | 'payable';
  party: string;
  currency: string;
  /** `2026-11`, on the network's clock. */
  month: string;
  period_from: Date;
  period_to: Date;
  total: bigint;
  closed_at: Generated<Date>;
  closed_by: string;
}

export interface StatementLinesTable {
  entry_id: bigint;
  statement_id: string;
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

export interface PublishersTable {
  id: string;
  name: string;
  state: ColumnType<'active' | 'ended', 'active' | undefined>;
  created_at: Generated<Date>;
}

export interface ApplicationsTable {
  id: string;
  publisher: string;
  campaign: string;
  source: string | null;
  state: ColumnType<ApplicationState, ApplicationState | undefined>;
  applied_at: Generated<Date>;
  decided_at: Date | null;
  decided_by: string | null;
  why: string | null;
}

export type ApplicationState = 'applied' | 'approved' | 'refused' | 'withdrawn' | 'paused' | 'ended';

export interface ImportedNumbersTable {
  number: string;
  pool: string;
  imported_at: Generated<Date>;
}

/** Who held a number from when until when. */
export interface HoldingsTable {
  id: GeneratedAlways<bigint>;
  number: string;
  pool: string;
  campaign: string;
  publisher: string;
  source: string | null;
  application: string;
  use: ColumnType<'fixed' | 'visitors', 'fixed' | 'visitors' | undefined>;
  paused: Generated<boolean>;
  held_from: Date;
  held_until: Date | null;
  /** Null while it is held, and of what ended before this was kept. */
  released_by: ColumnType<string | null, never, string>;
  released_why: ColumnType<string | null, never, string | null>;
  /** Taken anew at each change. */
  version: Generated<bigint>;
}

/** A number lent to a visitor of a page for a while. */
export interface VisitsTable {
  id: string;
  publisher: string;
  campaign: string;
  source: string | null;
  number: string;
  /** Written as JSON. */
  tags: ColumnType<Readonly<Record<string, string>>, string, string>;
  lent_from: Date;
  lent_until: Date;
  version: Generated<bigint>;
}

/** By which a publisher's page asks for a visitor's number. */
export interface PageKeysTable {
  key: string;
  application: string;
  origins: readonly string[];
  lend_ms: number;
  created_at: Generated<Date>;
  revoked_at: Date | null;
}

export interface ApiTokensTable {
  id: string;
  hash: string;
  role: 'admin' | 'publisher';
  publisher: string | null;
  label: string;
  created_at: Generated<Date>;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** What a request with an idempotency key was answered. */
export interface ApiAnswersTable {
  token: string;
  key: string;
  /** A digest of the request. */
  request: string;
  status: number;
  body: string;
  created_at: Generated<Date>;
}

export interface WebhookDeliveriesTable {
  /** The `webhook-id` that it travels under. */
  id: string;
  /** In the order in which they were written. */
  seq: GeneratedAlways<bigint>;
  endpoint: string;
  /** `network`, `publisher:clickwise`, `buyer:sunrise`. */
  owner: string;
  event: string;
  call_id: string | null;
  /** Null once it was delivered. */
  body: string | null;
  state: Generated<'waiting' | 'delivered' | 'dead'>;
  attempts: Generated<number>;
  /** Attempts, those too that were taken back or came before it was retried. */
  claims: Generated<bigint>;
  /** What came of the last attempt that failed. */
  error: string | null;
  created_at: Generated<Date>;
  due_at: Generated<Date>;
  give_up_at: Generated<Date>;
  done_at: Date | null;
}

export interface WebhookEndpointsTable {
  endpoint: string;
  gone_at: Date;
}

export interface WebhookCallsTable {
  call_id: string;
  offered: Json<unknown>;
  noted_at: Generated<Date>;
}

export interface CorrectionsTable {
  id: GeneratedAlways<bigint>;
  campaign: string;
  publisher: string;
  buyer: string;
  caller: string | null;
  revenue: bigint;
  converted: number;
  ended_at: Date;
  made_at: Generated<Date>;
}

/** What publishers were paid for the calls that ended in a UTC day, or a quarter of an hour. */
export interface PaidOutTable {
  publisher: string;
  currency: string;
  grain: 'day' | 'quarter';
  since: Date;
  campaign: string;
  paid: bigint;
}

export interface Schema {
  publishers: PublishersTable;
  applications: ApplicationsTable;
  imported_numbers: ImportedNumbersTable;
  holdings: HoldingsTable;
  visits: VisitsTable;
  page_keys: PageKeysTable;
  api_tokens: ApiTokensTable;
  api_answers: ApiAnswersTable;
  calls: CallsTable;
  attempts: AttemptsTable;
  call_media: CallMediaTable;
  ledger_entries: LedgerEntriesTable;
  paid_out: PaidOutTable;
  corrections: CorrectionsTable;
  conversions: ConversionsTable;
  disputes: DisputesTable;
  statements: StatementsTable;
  statement_lines: StatementLinesTable;
  routing_tables: RoutingTablesTable;
  terms: TermsTable;
  journal_position: JournalPositionTable;
  journal_gaps: JournalGapsTable;
  journal_rejects: JournalRejectsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_calls: WebhookCallsTable;
}

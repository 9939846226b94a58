/** The tables of what is owed, as kysely sees them, and of what changes it after a call. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

export interface MoneyTables {
  ledger_entries: LedgerEntriesTable;
  paid_out: PaidOutTable;
  corrections: CorrectionsTable;
  conversions: ConversionsTable;
  disputes: DisputesTable;
  statements: StatementsTable;
  statement_lines: StatementLinesTable;
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

/** What publishers were paid for the calls that ended in a UTC day, or a quarter of an hour. */
interface PaidOutTable {
  publisher: string;
  currency: string;
  grain: 'day' | 'quarter';
  since: Date;
  campaign: string;
  paid: bigint;
}

interface CorrectionsTable {
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

interface ConversionsTable {
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

interface StatementLinesTable {
  entry_id: bigint;
  statement_id: string;
}

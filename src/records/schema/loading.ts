/** The tables by which journals are loaded once each, and calls settled under the terms they were routed by. */
import type { Generated } from 'kysely';
import type { Count } from './columns.ts';

export interface LoadingTables {
  routing_tables: RoutingTablesTable;
  terms: TermsTable;
  journal_position: JournalPositionTable;
  journal_gaps: JournalGapsTable;
  journal_rejects: JournalRejectsTable;
}

interface RoutingTablesTable {
  hash: string;
  first_at: Date;
  /** Null, as are its digits: the terms of this table were of a kind that could not be read. */
  currency: string | null;
  minor_digits: number | null;
  /** The digests of its terms, in the order of settlement's `partOf`. */
  parts: readonly string[];
}

interface TermsTable {
  digest: string;
  /** A part of the terms of some tables, as JSON. */
  terms: string;
}

interface JournalPositionTable {
  journal: string;
  seq: Count;
  mark: string;
  updated_at: Generated<Date>;
}

interface JournalGapsTable {
  journal: string;
  from_seq: Count;
  to_seq: Count;
  found_at: Generated<Date>;
}

interface JournalRejectsTable {
  journal: string;
  seq: Count;
  event: string;
  error: string;
  found_at: Generated<Date>;
}

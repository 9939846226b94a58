/** The tables of publishers, what they applied for, and who has which number. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

export interface PublisherTables {
  publishers: PublishersTable;
  applications: ApplicationsTable;
  imported_numbers: ImportedNumbersTable;
  holdings: HoldingsTable;
  visits: VisitsTable;
  page_keys: PageKeysTable;
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

interface ImportedNumbersTable {
  number: string;
  pool: string;
  imported_at: Generated<Date>;
}

/** Who held a number from when until when. */
interface HoldingsTable {
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
interface VisitsTable {
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
interface PageKeysTable {
  key: string;
  application: string;
  origins: readonly string[];
  lend_ms: number;
  created_at: Generated<Date>;
  revoked_at: Date | null;
}

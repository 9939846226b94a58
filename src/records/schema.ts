/** The tables, as kysely sees them. Money is micro-units in a bigint; times are timestamptz, read as Date. */
import type { CallTables } from './schema/calls.ts';
import type { LoadingTables } from './schema/loading.ts';
import type { MoneyTables } from './schema/money.ts';
import type { OutsideTables } from './schema/outside.ts';
import type { PublisherTables } from './schema/publishers.ts';

export interface Schema extends CallTables, LoadingTables, MoneyTables, OutsideTables, PublisherTables {}

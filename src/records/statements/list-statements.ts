/** The statements that were closed, newest month first. */
import type { Kysely, Selectable } from 'kysely';
import { formatMoney } from '../../settlement/money.ts';
import { minorDigitsOf } from '../currencies.ts';
import type { Schema } from '../schema.ts';
import type { StatementsTable } from '../schema/money.ts';

export interface StatementsQuery {
  readonly account?: StatementsTable['account'];
  readonly party?: string;
  /** `2026-11`. */
  readonly month?: string;
  /** All of them unless given. */
  readonly limit?: number;
  /** Those that come behind this one in the list. */
  readonly after?: { readonly month: string; readonly id: string };
}

/** Times are ISO 8601 in UTC, money is decimal text. */
export interface StatementView {
  readonly id: string;
  readonly publisher: string | null;
  readonly buyer: string | null;
  /** On the network's clock. */
  readonly month: string;
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  /** What the publisher is owed, or the buyer owes. */
  readonly total: string;
  readonly closed_at: string;
  readonly closed_by: string;
}

export async function listStatements(
  db: Kysely<Schema>,
  query: StatementsQuery = {},
): Promise<readonly StatementView[]> {
  let statements = db.selectFrom('statements').selectAll();
  if (query.account !== undefined) statements = statements.where('account', '=', query.account);
  if (query.party !== undefined) statements = statements.where('party', '=', query.party);
  if (query.month !== undefined) statements = statements.where('month', '=', query.month);
  const { after, limit } = query;
  if (after !== undefined)
    statements = statements.where((eb) =>
      eb('month', '<', after.month).or(eb('month', '=', after.month).and('id', '>', after.id)),
    );
  if (limit !== undefined) statements = statements.limit(limit);
  const rows = await statements.orderBy('month', 'desc').orderBy('id').execute();
  return rows.map(statementView);
}

export const statementView = (row: Selectable<StatementsTable>): StatementView => ({
  id: row.id,
  publisher: row.account === 'payable' ? row.party : null,
  buyer: row.account === 'receivable' ? row.party : null,
  month: row.month,
  from: row.period_from.toISOString(),
  to: row.period_to.toISOString(),
  currency: row.currency,
  total: formatMoney(row.total, minorDigitsOf(row.currency)),
  closed_at: row.closed_at.toISOString(),
  closed_by: row.closed_by,
});

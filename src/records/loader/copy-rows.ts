/** Rows of several tables as COPY takes them, which costs the database a third of what an insert of them does. */
import { CompiledQuery, sql, type Transaction } from 'kysely';
import { settleable } from '../../deadline.ts';
import { copyField, type CopyLines } from '../copy-in.ts';
import type { Schema } from '../schema.ts';
import { insertRows } from './insert-rows.ts';

type RowsOf = readonly [table: keyof Schema, rows: readonly object[]];

/**
 * Of each table all with the same columns. Rows that a table has already are passed over: COPY cannot, but they are rare,
 * and where it meets one all are inserted instead.
 */
export async function copyRows(trx: Transaction<Schema>, tables: readonly RowsOf[]): Promise<void> {
  const some = tables.filter(([, rows]) => rows.length > 0);
  if (some.length === 0) return;
  await sql`savepoint copied`.execute(trx);
  try {
    await copyEach(trx, some);
  } catch (error) {
    if (!isThereAlready(error)) throw error;
    await sql`rollback to savepoint copied`.execute(trx);
    for (const [table, rows] of some) await insertRows(trx, table, rows);
  }
  await sql`release savepoint copied`.execute(trx);
}

/** While the database is at work on the rows of one table, those of the next are made ready. */
async function copyEach(trx: Transaction<Schema>, tables: readonly RowsOf[]): Promise<void> {
  let ready = textOf(tables[0]);
  for (let next = 1; ready; next++) {
    const { statement, lines } = ready;
    const given = settleable<undefined>();
    const onGiven = () => given.settle(undefined);
    const done = trx.executeQuery(CompiledQuery.raw(statement, [{ lines, onGiven } satisfies CopyLines]));
    await Promise.race([given.promise, done]);
    ready = textOf(tables[next]);
    await done;
  }
}

function textOf(given: RowsOf | undefined): { readonly statement: string; readonly lines: Buffer } | null {
  if (!given) return null;
  const [table, rows] = given;
  const columns = Object.keys(rows[0] ?? {}).map((column) => `"${column}"`);
  const lines = rows.map((row) => Object.values(row).map(copyField).join('\t'));
  return {
    statement: `copy "${table}" (${columns.join(', ')}) from stdin`,
    lines: Buffer.from(`${lines.join('\n')}\n`),
  };
}

const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';

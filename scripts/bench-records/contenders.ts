/** Other ways of bringing the same rows into the same tables: one by one, in idempotent batches, by COPY. */
import type pg from 'pg';
import { copyField, copyIn } from '../../src/records/copy-in.ts';

/** Rows as text, of one table. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const tables = ['routing_tables', 'calls', 'attempts', 'ledger_entries', 'call_media'];

/** All that was loaded, of what is not generated. */
export async function rowsOf(client: pg.Client): Promise<readonly TableRows[]> {
  const read: TableRows[] = [];
  for (const table of tables) {
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
        order by attnum`,
      [table],
    );
    const names = columns.map(({ name }) => name);
    const { rows } = await client.query<(string | null)[]>({
      text: `select ${names.map((name) => `${name}::text`).join(', ')} from ${table} order by 1, 2`,
      rowMode: 'array',
    });
    read.push({ table, columns: names, types: columns.map(({ type }) => type), rows });
  }
  return read;
}

export const countOf = (read: readonly TableRows[]): number =>
  read.reduce((sum, { rows }) => sum + rows.length, 0);

/** So many of each table, for it is slow; each statement a transaction of its own. Says how many. */
export async function insertSingly(
  client: pg.Client,
  read: readonly TableRows[],
  atMost: number,
): Promise<number> {
  let inserted = 0;
  for (const { table, columns, rows } of read) {
    // A posting is refused unless its lines come in one statement: three rows at once.
    const at = table === 'ledger_entries' ? 3 : 1;
    const placed = Array.from({ length: at }, (_, row) =>
      columns.map((_, column) => `$${row * columns.length + column + 1}`).join(', '),
    );
    const text = `insert into ${table} (${columns.join(', ')}) values (${placed.join('), (')})`;
    for (const group of groupsOf(balanced(table, columns, rows), at, atMost)) {
      await client.query({ name: table, text, values: group.flat() });
      inserted += group.length;
    }
  }
  return inserted;
}

/** Postings of three lines alone, line beside line. */
function balanced(table: string, columns: readonly string[], rows: TableRows['rows']): TableRows['rows'] {
  if (table !== 'ledger_entries') return rows;
  const call = columns.indexOf('call_id');
  const lines = new Map<unknown, number>();
  for (const row of rows) lines.set(row[call], (lines.get(row[call]) ?? 0) + 1);
  return rows.filter((row) => lines.get(row[call]) === 3);
}

function* groupsOf<Row>(rows: readonly Row[], size: number, atMost: number): Generator<readonly Row[]> {
  const end = Math.min(rows.length, atMost);
  for (let from = 0; from + size <= end; from += size) yield rows.slice(from, from + size);
}

export async function insertBatches(
  client: pg.Client,
  read: readonly TableRows[],
  size: number,
): Promise<void> {
  for (const { table, columns, types, rows } of read) {
    // Lists within a list of rows would be unnested with it: they travel as text.
    const parameters = columns.map((_, at) => `$${at + 1}::text[]`);
    const cast = columns.map((column, at) => `${column}::${types[at] ?? 'text'}`);
    const text = `insert into ${table} (${columns.join(', ')}) select ${cast.join(', ')}
      from unnest(${parameters.join(', ')}) as r(${columns.join(', ')}) on conflict do nothing`;
    for (const batch of batchesOf(table, columns, rows, size)) {
      await client.query({ name: table, text, values: columns.map((_, at) => batch.map((row) => row[at])) });
    }
  }
}

/** No posting is cut in two. */
function* batchesOf(
  table: string,
  columns: readonly string[],
  rows: TableRows['rows'],
  size: number,
): Generator<TableRows['rows']> {
  const call = table === 'ledger_entries' ? columns.indexOf('call_id') : -1;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    to = Math.min(rows.length, from + size);
    while (call >= 0 && to < rows.length && rows[to]?.[call] === rows[to - 1]?.[call]) to++;
    yield rows.slice(from, to);
  }
}

export async function copyAll(client: pg.Client, read: readonly TableRows[]): Promise<void> {
  for (const { table, columns, rows } of read) {
    const lines = rows.map((row) => row.map(copyField).join('\t')).join('\n');
    if (lines !== '')
      await copyIn(client, `copy ${table} (${columns.join(', ')}) from stdin`, {
        lines: Buffer.from(`${lines}\n`),
      });
  }
}

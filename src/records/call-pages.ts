/** The calls of a long time, so many at a time: by a cursor, in one transaction, so that all are seen as of one moment. */
import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

export interface Named {
  readonly id: string;
  readonly started_at: Date;
}

/** As many as a statement about them takes, and memory never holds more of them. */
export const callsAPage = 2000;

/** `order` and `span` are of `calls`; the records of the page are for the reader to ask for. */
export async function* callPages(
  trx: Transaction<Schema>,
  span: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): AsyncGenerator<readonly Named[]> {
  await sql`
    declare call_pages no scroll cursor for select id, started_at from calls where ${span} order by ${order}`.execute(
    trx,
  );
  for (let isMore = true; isMore;) {
    const { rows } = await sql<Named>`fetch ${sql.lit(callsAPage)} from call_pages`.execute(trx);
    isMore = rows.length === callsAPage;
    if (rows.length > 0) yield rows;
  }
  await sql`close call_pages`.execute(trx);
}

/** A cursor is declared without parameters. */
export const within = (column: 'started_at' | 'ended_at', from: Date, to: Date): RawBuilder<unknown> =>
  sql`${sql.ref(column)} >= ${sql.lit(from.toISOString())} and ${sql.ref(column)} < ${sql.lit(to.toISOString())}`;

/** To be joined to: the calls of a page. */
export const callsOf = (page: readonly Named[]): RawBuilder<unknown> => sql`
  json_to_recordset(${JSON.stringify(page)}::json) as named(id text, started_at timestamptz)
    join calls on calls.id = named.id and calls.started_at = named.started_at`;

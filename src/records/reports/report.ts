/** Calls and money over a time, cut by whom they came from, where they went and when. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { currenciesInUse, currenciesOf, minorDigitsOf } from '../currencies.ts';
import type { Schema } from '../schema.ts';
import { addUp, figuresOf, type Figures, type Tally } from './figures.ts';
import { gatheredBy, isOfTime, keyValue, type ReportKey } from './keys.ts';

export interface ReportQuery {
  /** One or more; rows are told apart by all of them. */
  readonly by: readonly ReportKey[];
  /** Calls that began in [from, to). */
  readonly from?: Date;
  readonly to?: Date;
  /** Whose clock shows the days and hours. */
  readonly timezone: string;
  readonly campaign?: string;
  readonly publisher?: string;
  readonly source?: string;
  readonly buyer?: string;
  readonly state?: string;
}

export interface Report {
  /** By revenue, the greatest first; by the clock where days or hours are asked for. */
  readonly rows: readonly ReportRow[];
  /** One for each currency. */
  readonly totals: readonly Figures[];
}

interface ReportRow extends Figures {
  /** In the order of `by`; null: no buyer was connected, no state was known. Hours are 0 to 23. */
  readonly keys: readonly (string | number | null)[];
}

export async function report(db: Kysely<Schema>, query: ReportQuery): Promise<Report> {
  const rows = new Map<string, { readonly keys: ReportRow['keys']; tally: Tally }>();
  const totals = new Map<string | null, Tally>();
  for (const gathered of await withRoom(db, (trx) => gather(trx, query))) {
    const keys = query.by.map((_, at) => gathered[`key${at}`] ?? null);
    const name = JSON.stringify([gathered.currency, keys]);
    rows.set(name, { keys, tally: addUp(rows.get(name)?.tally, gathered) });
    totals.set(gathered.currency, addUp(totals.get(gathered.currency), gathered));
  }
  const digits = (currency: string | null) => (currency === null ? 2 : minorDigitsOf(currency));
  const figures = (tally: Tally) => figuresOf(tally, digits(tally.currency));
  const inOrder = query.by.some(isOfTime) ? byKeys : byRevenue;
  return {
    rows: [...rows.values()].sort(inOrder).map(({ keys, tally }) => ({ keys, ...figures(tally) })),
    totals: [...totals.values()].map(figures),
  };
}

/** Calls by buyer and quarter of an hour are many: in the usual 4 MB they would be gathered on the disk. */
const withRoom = <T>(db: Kysely<Schema>, ask: (trx: Kysely<Schema>) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (trx) => {
    await sql`set local work_mem = '64MB'`.execute(trx);
    return ask(trx);
  });

type Gathered = Tally & { readonly [key: `key${number}`]: string | number | null };

/**
 * A network has one currency, and the index that reports read need not tell; one that has changed its currency has its
 * calls gathered by their tables.
 */
async function gather(db: Kysely<Schema>, query: ReportQuery): Promise<readonly Gathered[]> {
  const [currency = null, ...more] = await currenciesInUse(db);
  if (more.length === 0) return (await gatherBy(db, query, [])).map((row) => ({ ...row, currency }));
  const rows = await gatherBy<{ table_hash: string }>(db, query, [sql.ref('table_hash')]);
  const currencies = await currenciesOf(db, [...new Set(rows.map((row) => row.table_hash))]);
  return rows.map(({ table_hash, ...row }) => ({ ...row, currency: currencies.get(table_hash) ?? null }));
}

async function gatherBy<More extends object>(
  db: Kysely<Schema>,
  query: ReportQuery,
  more: readonly RawBuilder<unknown>[],
): Promise<readonly (Omit<Gathered, 'currency'> & More)[]> {
  const { by, timezone } = query;
  const columns = [...gatheredBy(by), ...more];
  const keys = by.map((key, at) => sql`${keyValue(key, timezone)} as ${sql.ref(`key${at}`)}`);
  const { rows } = await sql<Omit<Gathered, 'currency'> & More>`
    with gathered as (
      select ${sql.join(columns)}, count(*) as calls, count(buyer) as connected,
             count(*) filter (where converted) as converted, sum(connected_ms) as connected_ms,
             sum(revenue) as revenue, sum(payout) as payout
        from calls where ${chosen(query)} group by ${firstOf(columns)}
    )
    select ${sql.join([...keys, ...more])}, sum(calls)::bigint as calls, sum(connected)::bigint as connected,
           sum(converted)::bigint as converted, sum(connected_ms)::bigint as connected_ms,
           sum(revenue)::bigint as revenue, sum(payout)::bigint as payout
      from gathered group by ${firstOf([...keys, ...more])}`.execute(db);
  return rows;
}

/** `1, 2, 3`: the first columns, whatever they are. */
const firstOf = (columns: readonly unknown[]): RawBuilder<unknown> =>
  sql.raw(columns.map((_, at) => String(at + 1)).join(', '));

function chosen({ from, to, campaign, publisher, source, buyer, state }: ReportQuery): RawBuilder<unknown> {
  const named = Object.entries({ campaign, publisher, source, buyer, state });
  const conditions = [
    ...(from ? [sql`started_at >= ${from}`] : []),
    ...(to ? [sql`started_at < ${to}`] : []),
    ...named.flatMap(([column, is]) => (is === undefined ? [] : [sql`${sql.ref(column)} = ${is}`])),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

export interface Recorded {
  readonly kind: 'campaign' | 'publisher' | 'buyer';
  readonly id: string;
}

/** Whether any call that is kept was of it. */
export async function isRecorded(db: Kysely<Schema>, { kind, id }: Recorded): Promise<boolean> {
  const call = await db.selectFrom('calls').select('id').where(kind, '=', id).limit(1).executeTakeFirst();
  return call !== undefined;
}

type Row = { readonly keys: ReportRow['keys']; readonly tally: Tally };

function byKeys(a: Row, b: Row): number {
  for (const [at, one] of a.keys.entries()) {
    const other = b.keys[at] ?? null;
    if (one === other) continue;
    // Nobody comes last.
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return 0;
}

function byRevenue(a: Row, b: Row): number {
  if (a.tally.revenue !== b.tally.revenue) return a.tally.revenue < b.tally.revenue ? 1 : -1;
  if (a.tally.calls !== b.tally.calls) return a.tally.calls < b.tally.calls ? 1 : -1;
  return byKeys(a, b);
}

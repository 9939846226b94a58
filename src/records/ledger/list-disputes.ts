/** The disputes, newest first. */
import { sql, type Kysely } from 'kysely';
import { formatMoney } from '../../settlement/money.ts';
import { currenciesOf, minorDigitsOf } from '../currencies.ts';
import type { Schema } from '../schema.ts';
import type { DisputesTable } from '../schema/money.ts';

export interface DisputesQuery {
  readonly state?: DisputeView['state'];
  readonly buyer?: string;
  readonly call?: string;
  readonly limit: number;
}

/** Times are ISO 8601 in UTC, money is decimal text; null where it is not known any more, or not yet. */
export interface DisputeView {
  readonly id: string;
  readonly call: string;
  readonly buyer: string;
  readonly campaign: string | null;
  readonly publisher: string | null;
  readonly state: 'open' | 'accepted' | 'partly' | 'refused';
  readonly reason: string;
  readonly opened_at: string;
  readonly opened_by: string;
  /** Of the call, as it stands now. */
  readonly revenue: string | null;
  readonly currency: string | null;
  /** Of one accepted in part: what remained of the revenue. */
  readonly remains: string | null;
  readonly decided_at: string | null;
  readonly decided_by: string | null;
  readonly why: string | null;
}

export async function listDisputes(
  db: Kysely<Schema>,
  { state, buyer, call, limit }: DisputesQuery,
): Promise<readonly DisputeView[]> {
  const rows = await found(db, { state, buyer, call, limit });
  const tables = rows.flatMap(({ table_hash: hash }) => (hash === null ? [] : [hash]));
  const currencies = await currenciesOf(db, [...new Set(tables)]);
  return rows.map((row) => {
    const currency = currencies.get(row.table_hash ?? '') ?? null;
    const money = (amount: bigint | null) =>
      amount === null || currency === null ? null : formatMoney(amount, minorDigitsOf(currency));
    const { id, campaign, publisher, reason, why } = row;
    return {
      ...{ id, call: row.call_id, buyer: row.buyer, campaign, publisher, state: row.state, reason },
      opened_at: row.opened_at.toISOString(),
      opened_by: row.opened_by,
      revenue: money(row.revenue),
      currency,
      remains: money(row.remains),
      decided_at: row.decided_at?.toISOString() ?? null,
      decided_by: row.decided_by,
      why,
    };
  });
}

interface Row extends Pick<
  DisputesTable,
  'id' | 'call_id' | 'buyer' | 'reason' | 'opened_by' | 'remains' | 'decided_at' | 'decided_by' | 'why'
> {
  readonly opened_at: Date;
  readonly state: DisputeView['state'];
  readonly campaign: string | null;
  readonly publisher: string | null;
  readonly revenue: bigint | null;
  readonly table_hash: string | null;
}

type Wanted = { readonly [K in keyof DisputesQuery]-?: DisputesQuery[K] | undefined };

async function found(db: Kysely<Schema>, { state, buyer, call, limit }: Wanted): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select disputes.*, calls.campaign, calls.publisher, calls.revenue, calls.table_hash
      from disputes left join calls on calls.id = disputes.call_id
     where (${state ?? null}::text is null or disputes.state = ${state ?? null})
       and (${buyer ?? null}::text is null or disputes.buyer = ${buyer ?? null})
       and (${call ?? null}::text is null or disputes.call_id = ${call ?? null})
     order by opened_at desc, disputes.id limit ${limit}`.execute(db);
  return rows;
}

/** What publishers were paid for calls before a time, as far as their payout caps ask. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Money in micro-units. */
export interface PaidOut {
  readonly publisher: string;
  readonly campaign: string;
  /** The end of one of the calls that were summed: all of them ended on one day of the network's clock. */
  readonly endedAt: number;
  readonly payout: bigint;
}

/** By day, of calls that ended since `since` and began before `until`. */
export async function paidByDay(
  db: Kysely<Schema>,
  publishers: readonly string[],
  { since, until, timezone }: { readonly since: Date; readonly until: Date; readonly timezone: string },
): Promise<readonly PaidOut[]> {
  if (publishers.length === 0) return [];
  const { rows } = await sql<Omit<PaidOut, 'endedAt'> & { ended: Date }>`
    select publisher, campaign, min(ended_at) as ended, sum(payout)::bigint as payout
      from calls
     where publisher = any(${publishers}) and ended_at >= ${since} and started_at < ${until} and payout > 0
     group by publisher, campaign, (ended_at at time zone ${timezone})::date`.execute(db);
  return rows.map(({ ended, ...row }) => ({ ...row, endedAt: ended.getTime() }));
}

/** In all, by the ledger, which outlives the records of calls; adjustments are of no call. */
export async function paidEver(
  db: Kysely<Schema>,
  publishers: readonly string[],
  until: Date,
): Promise<readonly Omit<PaidOut, 'endedAt'>[]> {
  if (publishers.length === 0) return [];
  const { rows } = await sql<Omit<PaidOut, 'endedAt'>>`
    select party as publisher, coalesce(campaign, '') as campaign, (-sum(amount))::bigint as payout
      from ledger_entries
     where account = 'payable' and kind <> 'adjustment' and party = any(${publishers}) and at < ${until}
     group by party, campaign`.execute(db);
  return rows;
}

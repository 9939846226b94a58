/**
 * What a recorded call came to by its facts and what was reported of it. Disputes, which people decide, are no part of
 * it: no replay can know what they would decide, so each of them sets this beside what it comes to itself.
 */
import { sql } from 'kysely';
import { reportedBy, type Reported } from '../settlement/reported.ts';

/** To be joined to `calls`: `came_to.revenue` and `came_to.payout`, in micro-units. */
export const cameTo = sql`
  cross join lateral (
    select coalesce(sum(amount) filter (where account = 'receivable'), 0)::bigint as revenue,
           coalesce(-sum(amount) filter (where account = 'payable'), 0)::bigint as payout
      from ledger_entries where call_id = calls.id and kind in ('call', 'conversion')) as came_to`;

/** Of each key the newest revision; JSON has no whole numbers that are large enough. */
export const reports = sql`(
  select json_agg(json_build_object('name', name, 'amount', amount::text)) from (
    select distinct on (key) name, amount from conversions where call_id = calls.id
     order by key, revision desc) as holding)`;

export type ReportRows = readonly { readonly name: string; readonly amount: string | null }[] | null;

export const reportedIn = (rows: ReportRows): Reported =>
  reportedBy(
    (rows ?? []).map(({ name, amount }) => ({ name, amount: amount === null ? null : BigInt(amount) })),
  );

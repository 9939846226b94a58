/** Calls as a network of some size has them, made by the database itself. */
import { sql } from 'kysely';
import type { Records } from '../../src/records/open-records.ts';

/** In which all of them begin. */
export const span = { from: new Date('2026-08-01T00:00Z'), to: new Date('2026-11-01T00:00Z') };

/** In the order of time, as they come from the journal: 20 campaigns, 60 publishers, 200 sources, 80 buyers, 50 states. */
export async function generateCalls(db: Records['db'], count: number): Promise<void> {
  await sql`
    insert into routing_tables (hash, first_at, currency, minor_digits, parts)
    select repeat(md5(n::text), 2), ${span.from}, 'USD', 2, '{}'
      from generate_series(0, 9) as n`.execute(db);
  await sql`select make_records_month(month) from generate_series(${span.from}::timestamptz, ${span.to}, '1 month') as month`.execute(
    db,
  );
  const step = (span.to.getTime() - span.from.getTime()) / count / 1000;
  for (let from = 0; from < count; from += 50_000)
    await sql`
      insert into calls (id, started_at, ringing_at, answered_at, connected_at, ended_at, from_number, to_number, carrier,
        campaign, publisher, source, attributes, outcome, cause, hung_up_by, buyer, connected_ms, inbound_ms, media, plan,
        left_out, table_hash, revenue, revenue_reason, payout, payout_reason, converted)
      select gen_random_uuid()::text, began, began + '1 s', began + '2 s', case when connected then began + '8 s' end,
             began + '8 s' + talk * '1 ms'::interval, '+1214' || (2000000 + n % 7000000), '+1800555' || lpad((n % 200)::text, 4, '0'),
             'voxlink', 'campaign-' || n % 20, 'publisher-' || n % 60, 'source-' || n % 200,
             jsonb_build_object('caller.state', 'S' || n % 50, 'caller.number', n, 'ivr.homeowner', 'yes'),
             case when connected then 'connected' else 'no_buyer' end, case when connected then 'caller_hangup' else 'no_buyer' end,
             'caller', case when connected then 'buyer-' || (n * 7) % 80 end, case when connected then talk else 0 end, talk + 6000,
             'direct', '[{"buyer": "sunrise", "trunk": "sunrise-pbx", "dial": "+12145550111", "priority": 1}]', '[]',
             repeat(md5((n * 10 / ${count})::text), 2), case when converted then 45000000 else 0 end,
             'connected 95.12 s: connected at least 90 s (rule 1 of 3)', case when converted then 30000000 else 0 end,
             'connected 95.12 s: connected at least 90 s (rule 1 of 3)', converted
        from (select n, n % 10 < 7 as connected, n % 10 < 4 as converted, (n * 7919) % 300000 as talk,
                     ${span.from}::timestamptz + n * ${step}::float8 * '1 s'::interval as began
                from generate_series(${from}::bigint, ${Math.min(count, from + 50_000) - 1}::bigint) as n) as made`.execute(
      db,
    );
}

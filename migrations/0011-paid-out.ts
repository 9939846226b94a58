import { sql, type Kysely } from 'kysely';

/**
 * What publishers were paid, by when the calls ended, as it stands after corrections: what payout caps ask for, once for
 * the UTC day and once for the quarter of an hour, so that a period of any zone is a few days and its ragged ends. Each
 * settlement and correction adds to it in its own transaction; it stays when the months of the calls are dropped.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table paid_out (
      publisher text not null,
      currency  text not null,
      -- 'day' or 'quarter'
      grain     text not null check (grain in ('day', 'quarter')),
      since     timestamptz not null,
      campaign  text not null,
      paid      bigint not null,
      primary key (publisher, currency, grain, since, campaign)
    ) with (fillfactor = 80)`.execute(db);
  // A call whose record is gone ended when its first line says.
  await sql`
    with by_call as (
      select party as publisher, currency, coalesce(ledger_entries.campaign, '') as campaign,
             coalesce(min(calls.ended_at), min(at)) as ended, -sum(amount) as paid
        from ledger_entries left join calls on calls.id = call_id
       where account = 'payable' and kind <> 'adjustment'
       group by call_id, party, currency, ledger_entries.campaign
    )
    insert into paid_out (publisher, currency, grain, since, campaign, paid)
    select publisher, currency, 'day', date_trunc('day', ended, 'UTC') as since, campaign, sum(paid)
      from by_call group by 1, 2, 4, 5
    union all
    select publisher, currency, 'quarter', date_bin('15 minutes', ended, 'epoch'), campaign, sum(paid)
      from by_call group by 1, 2, 4, 5`.execute(db);
  // It had no other reader, and every call that comes was written to it.
  await sql`drop index calls_of_publisher`.execute(db);
}

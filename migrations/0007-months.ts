import { sql, type Kysely } from 'kysely';

/**
 * Records by the month in which the call started (UTC), so that old months go at once (`drop_records_before`) and
 * reports read what they need. What belongs to a call lies in the same month as the call.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table calls rename to calls_before`.execute(db);
  await sql`alter table attempts rename to attempts_before`.execute(db);
  await sql`alter index calls_newest rename to calls_before_newest`.execute(db);
  await sql`alter index calls_of_buyer rename to calls_before_of_buyer`.execute(db);
  await sql`alter index calls_ended rename to calls_before_ended`.execute(db);
  await sql`alter index calls_billed rename to calls_before_billed`.execute(db);
  await sql`alter index calls_paid rename to calls_before_paid`.execute(db);
  await sql`alter index attempts_of_buyer rename to attempts_before_of_buyer`.execute(db);

  await sql`create sequence settlements`.execute(db);
  await sql`
    create table calls (
      id              text not null,
      started_at      timestamptz not null,
      ringing_at      timestamptz,
      answered_at     timestamptz,
      acknowledged_at timestamptz,
      connected_at    timestamptz,
      -- the first BYE or CANCEL, of either side; null where none was
      bye_at          timestamptz,
      ended_at        timestamptz not null,
      -- SIP's Call-ID of the caller's leg
      sip_call_id     text,
      from_number     text,
      to_number       text not null,
      carrier         text not null,
      campaign        text not null,
      publisher       text not null,
      source          text,
      attributes      jsonb not null,
      state           text generated always as (attributes ->> 'caller.state') stored,
      outcome         text not null,
      cause           text not null,
      hung_up_by      text not null,
      buyer           text,
      connected_ms    bigint not null,
      inbound_ms      bigint not null,
      media           text not null,
      codec           text,
      recording       text,
      plan            jsonb not null,
      left_out        jsonb not null,
      table_hash      text not null,
      -- micro-units of the table's currency, as they stand after corrections
      revenue         bigint not null,
      revenue_reason  text not null,
      payout          bigint not null,
      payout_reason   text not null,
      margin          bigint not null generated always as (revenue - payout) stored,
      converted       boolean not null,
      -- the order in which calls were settled: each saw those before it
      settled         bigint not null default nextval('settlements'),
      primary key (id, started_at)
    ) partition by range (started_at)`.execute(db);
  await sql`create index calls_newest on calls (started_at desc, id desc)`.execute(db);
  await sql`create index calls_of_buyer on calls (buyer, connected_at) where buyer is not null`.execute(db);
  await sql`create index calls_of_publisher on calls (publisher, ended_at) include (campaign, payout)`.execute(
    db,
  );
  await sql`create index calls_ended on calls (ended_at)`.execute(db);
  // What makes a call a duplicate: the same caller, paid for before.
  await sql`create index calls_billed on calls (from_number, buyer, coalesce(connected_at, started_at)) where revenue > 0`.execute(
    db,
  );
  await sql`create index calls_paid on calls (from_number, campaign, coalesce(connected_at, started_at)) where payout > 0`.execute(
    db,
  );
  // Reports read this alone, not the wide rows.
  await sql`
    create index calls_report on calls (started_at)
    include (campaign, publisher, source, buyer, state, connected_ms, converted, revenue, payout)`.execute(
    db,
  );

  await sql`
    create table attempts (
      call_id         text not null,
      call_started_at timestamptz not null,
      position        integer not null,
      buyer           text not null,
      trunk           text not null,
      dial            text not null,
      priority        integer not null,
      bid             bigint check (bid >= 0),
      sip_call_id     text,
      started_at      timestamptz not null,
      ringing_at      timestamptz,
      answered_at     timestamptz,
      acknowledged_at timestamptz,
      bye_at          timestamptz,
      ended_at        timestamptz not null,
      result          text not null,
      status          integer,
      reason          text,
      primary key (call_id, position, call_started_at)
    ) partition by range (call_started_at)`.execute(db);
  await sql`create index attempts_of_buyer on attempts (started_at, buyer)`.execute(db);

  // What the media server saw of a leg's RTP, told once the leg has ended.
  await sql`
    create table call_media (
      call_id          text not null,
      call_started_at  timestamptz not null,
      -- 0: the caller; else the attempt's position
      leg              integer not null,
      codec            text,
      packets_sent     bigint not null,
      packets_received bigint not null,
      packets_lost     bigint not null,
      jitter_ms        double precision,
      primary key (call_id, leg, call_started_at)
    ) partition by range (call_started_at)`.execute(db);

  // Made beside the table and then attached: making it in place would wait for every report, and calls for it.
  await sql`
    create function make_records_month(at timestamptz) returns void language plpgsql as $$
    declare
      first timestamptz := date_trunc('month', at, 'UTC');
      next  timestamptz := date_trunc('month', first + interval '35 days', 'UTC');
      whole text;
      part  text;
    begin
      foreach whole in array array['calls', 'attempts', 'call_media'] loop
        part := whole || to_char(first at time zone 'UTC', '_YYYY_MM');
        continue when to_regclass(quote_ident(part)) is not null;
        execute format('create table %I (like %I including all)', part, whole);
        -- Reports read the index alone once it is vacuumed: soon after the calls came, not once there are a fifth more.
        execute format('alter table %I set (autovacuum_vacuum_insert_scale_factor = 0.02)', part);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', whole, part, first, next);
      end loop;
    end $$`.execute(db);
  // Whole months that ended before the instant, as their first days.
  await sql`
    create function drop_records_before(at timestamptz) returns setof date language plpgsql as $$
    declare part record;
    begin
      for part in
        select child.relname as name, parent.relname as whole, to_date(right(child.relname, 7), 'YYYY_MM') as month
          from pg_inherits
          join pg_class parent on parent.oid = inhparent join pg_class child on child.oid = inhrelid
         where parent.relname in ('calls', 'attempts', 'call_media') and parent.relkind = 'p'
           and parent.relnamespace = current_schema()::regnamespace and child.relname ~ '_[0-9]{4}_[0-9]{2}$'
         order by month, name
      loop
        continue when (part.month + interval '1 month') at time zone 'UTC' > at;
        execute format('drop table %I', part.name);
        if part.whole = 'calls' then return next part.month; end if;
      end loop;
    end $$`.execute(db);

  await sql`select make_records_month(month) from
    (select distinct date_trunc('month', started_at, 'UTC') as month from calls_before) as months`.execute(
    db,
  );
  await sql`
    insert into calls (id, started_at, answered_at, connected_at, ended_at, from_number, to_number, carrier, campaign,
      publisher, source, attributes, outcome, cause, hung_up_by, buyer, connected_ms, inbound_ms, media, recording, plan,
      left_out, table_hash, revenue, revenue_reason, payout, payout_reason, converted)
    select id, started_at, answered_at, connected_at, ended_at, from_number, to_number, carrier, campaign,
      publisher, source, attributes, outcome, cause, hung_up_by, buyer, connected_ms,
      coalesce(extract(epoch from ended_at - answered_at) * 1000, 0)::bigint, media, recording, plan,
      left_out, table_hash, revenue, revenue_reason, payout, payout_reason, converted from calls_before order by ended_at, id`.execute(
    db,
  );
  await sql`
    insert into attempts (call_id, call_started_at, position, buyer, trunk, dial, priority, bid, started_at, ringing_at,
      answered_at, ended_at, result, status, reason)
    select call_id, calls_before.started_at, position, attempts_before.buyer, trunk, dial, priority, bid,
      attempts_before.started_at, ringing_at, attempts_before.answered_at, attempts_before.ended_at, result, status, reason
      from attempts_before join calls_before on calls_before.id = call_id`.execute(db);
  // Lines of before corrections: each is of its call's campaign, and payable from the first. Those with a hold keep it.
  await sql`alter table ledger_entries disable trigger ledger_is_append_only`.execute(db);
  await sql`
    update ledger_entries set campaign = coalesce(ledger_entries.campaign, calls_before.campaign),
           payable_at = coalesce(payable_at, case when account = 'payable' then at end)
      from calls_before where calls_before.id = call_id
       and (ledger_entries.campaign is null or (account = 'payable' and payable_at is null))`.execute(db);
  await sql`alter table ledger_entries enable trigger ledger_is_append_only`.execute(db);
  // What a publisher was ever paid is read from the index alone.
  await sql`drop index ledger_entries_by_party`.execute(db);
  await sql`
    create index ledger_entries_by_party on ledger_entries (account, party, at) include (campaign, kind, amount)`.execute(
    db,
  );
  await sql`drop table attempts_before`.execute(db);
  await sql`drop table calls_before`.execute(db);
}

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table calls (
      id             text primary key,
      started_at     timestamptz not null,
      answered_at    timestamptz,
      connected_at   timestamptz,
      ended_at       timestamptz not null,
      from_number    text,
      to_number      text not null,
      carrier        text not null,
      campaign       text not null,
      publisher      text not null,
      source         text,
      attributes     jsonb not null,
      outcome        text not null,
      cause          text not null,
      hung_up_by     text not null,
      buyer          text,
      connected_ms   bigint not null,
      media          text not null,
      recording      text,
      plan           jsonb not null,
      left_out       jsonb not null,
      table_hash     text not null,
      -- micro-units of the table's currency
      revenue        bigint not null,
      revenue_reason text not null,
      payout         bigint not null,
      payout_reason  text not null,
      margin         bigint not null generated always as (revenue - payout) stored,
      converted      boolean not null
    )`.execute(db);
  await sql`create index calls_newest on calls (started_at desc, id desc)`.execute(db);
  await sql`create index calls_of_buyer on calls (buyer, connected_at) where buyer is not null`.execute(db);
  await sql`create index calls_ended on calls (ended_at)`.execute(db);
  // What makes a call a duplicate: the same caller, paid for before.
  await sql`create index calls_billed on calls (from_number, buyer, coalesce(connected_at, started_at)) where revenue > 0`.execute(
    db,
  );
  await sql`create index calls_paid on calls (from_number, campaign, coalesce(connected_at, started_at)) where payout > 0`.execute(
    db,
  );

  await sql`
    create table attempts (
      call_id     text not null references calls (id),
      position    integer not null,
      buyer       text not null,
      trunk       text not null,
      dial        text not null,
      priority    integer not null,
      started_at  timestamptz not null,
      ringing_at  timestamptz,
      answered_at timestamptz,
      ended_at    timestamptz not null,
      result      text not null,
      status      integer,
      reason      text,
      primary key (call_id, position)
    )`.execute(db);
  await sql`create index attempts_of_buyer on attempts (started_at, buyer)`.execute(db);
}

import { sql, type Kysely } from 'kysely';

/** What is to be told to web servers: written with what it tells of, delivered afterwards. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhook_deliveries (
      -- made of what happened and of who is told: the same event again is the same row
      id         text primary key,
      seq        bigint generated always as identity,
      endpoint   text not null,
      owner      text not null,
      event      text not null,
      call_id    text,
      -- let go of once it was delivered
      body       text,
      state      text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
      attempts   integer not null default 0,
      -- tells what one attempt has to say from what an earlier one, taken for lost, says at last
      claims     bigint not null default 0,
      error      text,
      created_at timestamptz not null default now(),
      -- while one attempt is under way: when it is taken for lost
      due_at     timestamptz not null default now(),
      give_up_at timestamptz not null default now() + interval '28 hours',
      done_at    timestamptz,
      check ((state = 'delivered') = (body is null)),
      check ((state = 'waiting') = (done_at is null))
    )`.execute(db);
  await sql`
    create index webhook_deliveries_waiting on webhook_deliveries (endpoint, due_at, seq) where state = 'waiting'`.execute(
    db,
  );
  await sql`create index webhook_deliveries_done on webhook_deliveries (state, done_at)`.execute(db);
  // Those that answered 410 want to hear nothing more.
  await sql`
    create table webhook_endpoints (
      endpoint text primary key,
      gone_at  timestamptz not null
    )`.execute(db);
  // Live calls, as they were offered and routed: the line that says that one was connected does not say whose it is.
  await sql`
    create table webhook_calls (
      call_id  text primary key,
      offered  jsonb not null,
      noted_at timestamptz not null default now()
    )`.execute(db);
}

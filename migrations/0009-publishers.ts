import { sql, type Kysely } from 'kysely';

/** Publishers, what they applied for, the numbers they hold, who may ask the API. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table publishers (
      id         text primary key,
      name       text not null,
      state      text not null default 'active' check (state in ('active', 'ended')),
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table applications (
      id         text primary key,
      publisher  text not null,
      campaign   text not null,
      source     text,
      state      text not null default 'applied'
        check (state in ('applied', 'approved', 'refused', 'withdrawn', 'paused', 'ended')),
      applied_at timestamptz not null default now(),
      decided_at timestamptz,
      decided_by text,
      why        text
    )`.execute(db);
  // One that lives for each publisher, campaign and source.
  await sql`
    create unique index applications_alive on applications (publisher, campaign, source) nulls not distinct
     where state in ('applied', 'approved', 'paused')`.execute(db);
  await sql`create index applications_newest on applications (applied_at desc, id)`.execute(db);

  // Numbers of pools beyond those that the YAML lists.
  await sql`
    create table imported_numbers (
      number      text primary key,
      pool        text not null,
      imported_at timestamptz not null default now()
    )`.execute(db);
  // Every change of a holding takes the next version: switches read what is newer than what they have.
  await sql`create sequence holdings_version`.execute(db);
  await sql`
    create table holdings (
      id          bigint generated always as identity primary key,
      number      text not null,
      pool        text not null,
      campaign    text not null,
      publisher   text not null,
      source      text,
      application text not null references applications (id),
      -- a fixed number of the source, or one of its visitors' pool
      use         text not null default 'fixed' check (use in ('fixed', 'visitors')),
      -- calls are refused for now
      paused      boolean not null default false,
      held_from   timestamptz not null,
      held_until  timestamptz check (held_until >= held_from),
      version     bigint not null default nextval('holdings_version')
    )`.execute(db);
  await sql`create unique index holdings_open on holdings (number) where held_until is null`.execute(db);
  await sql`create index holdings_of_number on holdings (number, held_from)`.execute(db);
  await sql`create index holdings_changed on holdings (version)`.execute(db);
  await sql`create index holdings_of_publisher on holdings (publisher, campaign)`.execute(db);
  await sql`create index holdings_of_application on holdings (application) where held_until is null`.execute(
    db,
  );

  await sql`
    create table visits (
      id         text not null,
      publisher  text not null,
      campaign   text not null,
      source     text,
      number     text not null,
      tags       jsonb not null,
      lent_from  timestamptz not null,
      lent_until timestamptz not null,
      version    bigint not null default nextval('holdings_version'),
      primary key (publisher, id)
    )`.execute(db);
  await sql`create index visits_of_number on visits (number, lent_from)`.execute(db);
  await sql`create index visits_changed on visits (version)`.execute(db);

  // Switches ask for what is above the version they know, so none may come to be seen after a higher one: who writes
  // holdings or visits does so alone, and is through with it before the next takes a version.
  await sql`
    create function take_holdings_turn() returns void language sql set lock_timeout = '15s' as $$
      select pg_advisory_xact_lock(7346221094518)
    $$`.execute(db);
  await sql`
    create function await_holdings_turn() returns trigger language plpgsql as $$
    begin
      perform take_holdings_turn();
      return null;
    end $$`.execute(db);
  await sql`
    create function take_holdings_version() returns trigger language plpgsql as $$
    begin
      new.version := nextval('holdings_version');
      return new;
    end $$`.execute(db);
  await sql`
    create function tell_holdings_version() returns trigger language plpgsql as $$
    begin
      perform pg_notify('tollbridge_holdings', new.version::text);
      return null;
    end $$`.execute(db);
  for (const table of ['holdings', 'visits']) {
    const named = (what: string) => sql.id(`${table}_${what}`);
    await sql`
      create trigger ${named('in_turn')} before insert or update on ${sql.id(table)}
      for each statement execute function await_holdings_turn()`.execute(db);
    await sql`
      create trigger ${named('versions')} before insert or update on ${sql.id(table)}
      for each row execute function take_holdings_version()`.execute(db);
    await sql`
      create trigger ${named('told')} after insert or update on ${sql.id(table)}
      for each row execute function tell_holdings_version()`.execute(db);
  }

  // Calls are paid by who held their number: a holding ends once, and is otherwise as it was.
  await sql`
    create function keep_holdings() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if old.held_until is null
          and (new.id, new.number, new.pool, new.campaign, new.publisher, new.source, new.application, new.use, new.held_from)
            is not distinct from
              (old.id, old.number, old.pool, old.campaign, old.publisher, old.source, old.application, old.use, old.held_from)
        then return new; end if;
      end if;
      raise exception 'holdings are kept as they were' using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create trigger holdings_are_kept before update on holdings
    for each row execute function keep_holdings()`.execute(db);
  await sql`
    create trigger holdings_stay before delete or truncate on holdings
    for each statement execute function keep_holdings()`.execute(db);
  await sql`
    create function refuse_two_holders() returns trigger language plpgsql as $$
    begin
      if exists (
        select from holdings where number = new.number and id <> new.id
          and tstzrange(held_from, held_until) && tstzrange(new.held_from, new.held_until))
      then raise exception '% is held by another then', new.number using errcode = 'exclusion_violation'; end if;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger holdings_never_two after insert or update on holdings
    for each row execute function refuse_two_holders()`.execute(db);

  await sql`
    create table api_tokens (
      id           text primary key,
      -- SHA-256: the token itself is told once
      hash         text not null unique,
      role         text not null check (role in ('admin', 'publisher')),
      publisher    text,
      label        text not null,
      created_at   timestamptz not null default now(),
      expires_at   timestamptz,
      revoked_at   timestamptz,
      last_used_at timestamptz,
      check ((role = 'publisher') = (publisher is not null))
    )`.execute(db);
  await sql`
    create table api_answers (
      token      text not null,
      key        text not null,
      request    text not null,
      status     integer not null,
      body       text not null,
      created_at timestamptz not null default now(),
      primary key (token, key)
    )`.execute(db);
}

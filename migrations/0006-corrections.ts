import { sql, type Kysely } from 'kysely';

/**
 * The ledger takes corrections: further postings for a call, or for none, each line naming the one that it corrects. A
 * posting is (call, kind, reference) and comes in one statement, so that the database can see whether it balances. The
 * ledger outlives the records: it refers to calls by their names alone.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger_entries
      drop constraint ledger_entries_call_id_fkey,
      drop constraint ledger_entries_call_id_kind_account_key,
      alter column call_id drop not null,
      add column reference  text not null default '',
      -- null where the posting is of no campaign
      add column campaign   text,
      add column corrects   bigint references ledger_entries (id),
      -- of a payable: when its hold is over
      add column payable_at timestamptz,
      add column made_by    text,
      add column why        text,
      add constraint ledger_entries_posting unique nulls not distinct (call_id, kind, reference, account),
      add constraint ledger_entries_kind check (kind in ('call', 'conversion', 'dispute', 'adjustment')),
      -- whoever changes what a call is worth says who and why
      add constraint ledger_entries_told check (kind = 'call' or (made_by is not null and why is not null))`.execute(
    db,
  );
  // What was posted before is of the campaign of its call, and was not held.
  await sql`alter table ledger_entries disable trigger ledger_is_append_only`.execute(db);
  await sql`
    update ledger_entries set
      campaign = (select campaign from calls where calls.id = call_id),
      payable_at = case account when 'payable' then at end`.execute(db);
  await sql`alter table ledger_entries enable trigger ledger_is_append_only`.execute(db);
  // An adjustment is asked for under a key, so that who asks twice gets it once; of whatever call it is.
  await sql`
    create unique index ledger_adjustments on ledger_entries (reference, account) where kind = 'adjustment'`.execute(
    db,
  );
  await sql`drop trigger ledger_balances on ledger_entries`.execute(db);
  await sql`drop function assert_ledger_balance()`.execute(db);
  await sql`
    create function assert_postings_balance() returns trigger language plpgsql as $$
    declare posting record;
    begin
      select call_id, kind, reference, sum(amount) as total, count(distinct currency) as currencies into posting
        from added group by call_id, kind, reference
        having sum(amount) <> 0 or count(distinct currency) > 1 limit 1;
      if found then
        raise exception 'the lines of call %, kind %, reference "%", sum up to % in % currencies, not to 0 in one',
          posting.call_id, posting.kind, posting.reference, posting.total, posting.currencies
          using errcode = 'check_violation';
      end if;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger ledger_balances after insert on ledger_entries referencing new table as added
    for each statement execute function assert_postings_balance()`.execute(db);

  await sql`
    create table conversions (
      call_id     text not null,
      -- the reporter's own name for it: the same report twice is one
      key         text not null,
      -- from 1; a later one takes the place of those before
      revision    integer not null,
      name        text not null,
      amount      bigint check (amount >= 0),
      reported_by text not null,
      happened_at timestamptz not null,
      received_at timestamptz not null default now(),
      primary key (call_id, key, revision)
    )`.execute(db);
  await sql`
    create table disputes (
      id         text primary key,
      call_id    text not null,
      buyer      text not null,
      reason     text not null,
      opened_at  timestamptz not null default now(),
      opened_by  text not null,
      state      text not null default 'open' check (state in ('open', 'accepted', 'partly', 'refused')),
      -- of a dispute accepted in part: the revenue that remains
      remains    bigint check (remains >= 0),
      decided_at timestamptz,
      decided_by text,
      why        text,
      check ((state = 'open') = (decided_at is null)),
      check ((state = 'partly') = (remains is not null))
    )`.execute(db);
  await sql`create unique index disputes_open on disputes (call_id) where state = 'open'`.execute(db);
  await sql`create index disputes_of_call on disputes (call_id)`.execute(db);
  // What was reported and what was decided is kept as it was said.
  await sql`
    create function refuse_to_forget() returns trigger language plpgsql as $$
    begin
      raise exception '% are kept as they were said', tg_table_name using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create trigger conversions_are_kept before update or delete or truncate on conversions
    for each statement execute function refuse_to_forget()`.execute(db);
  await sql`
    create trigger disputes_are_kept before delete or truncate on disputes
    for each statement execute function refuse_to_forget()`.execute(db);
  await sql`
    create trigger decisions_are_final before update on disputes
    for each row when (old.state <> 'open') execute function refuse_to_forget()`.execute(db);

  await sql`
    create table statements (
      id          text primary key,
      account     text not null check (account in ('receivable', 'payable')),
      party       text not null,
      currency    text not null,
      -- on the network's clock; [from, to)
      month       text not null,
      period_from timestamptz not null,
      period_to   timestamptz not null,
      total       bigint not null,
      closed_at   timestamptz not null default now(),
      closed_by   text not null,
      unique (account, party, currency, month)
    )`.execute(db);
  await sql`
    create table statement_lines (
      entry_id     bigint primary key references ledger_entries (id),
      statement_id text not null references statements (id)
    )`.execute(db);
  await sql`create index statement_lines_of on statement_lines (statement_id)`.execute(db);
  for (const table of ['statements', 'statement_lines'])
    await sql`
      create trigger ${sql.id(`${table}_are_final`)} before update or delete or truncate on ${sql.id(table)}
      for each statement execute function refuse_to_change_the_ledger()`.execute(db);
}

import { sql, type Kysely } from 'kysely';

/** Double entry: what a buyer owes us is a debit (positive), what we owe a publisher and what we keep are credits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger_entries (
      id       bigint generated always as identity primary key,
      call_id  text not null references calls (id),
      -- 'call' for what the call was worth; a correction has a name of its own
      kind     text not null,
      account  text not null check (account in ('receivable', 'payable', 'margin')),
      -- the buyer of a receivable, the publisher of a payable, 'network' of a margin
      party    text not null,
      amount   bigint not null check (amount <> 0),
      currency text not null,
      at       timestamptz not null,
      unique (call_id, kind, account)
    )`.execute(db);
  await sql`create index ledger_entries_by_party on ledger_entries (account, party, at)`.execute(db);

  await sql`
    create function refuse_to_change_the_ledger() returns trigger language plpgsql as $$
    begin
      raise exception 'the ledger is only ever added to: write a correction' using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create trigger ledger_is_append_only before update or delete or truncate on ledger_entries
    for each statement execute function refuse_to_change_the_ledger()`.execute(db);

  // Deferred: the entries of a call arrive one after the other and must balance when their transaction commits.
  await sql`
    create function assert_ledger_balance() returns trigger language plpgsql as $$
    declare total numeric;
    begin
      select sum(amount) into total from ledger_entries where call_id = new.call_id and kind = new.kind;
      if total <> 0 then
        raise exception 'entries of call %, kind %, sum up to %, not 0', new.call_id, new.kind, total
          using errcode = 'check_violation';
      end if;
      return null;
    end $$`.execute(db);
  await sql`
    create constraint trigger ledger_balances after insert on ledger_entries
    deferrable initially deferred for each row execute function assert_ledger_balance()`.execute(db);
}

/** What the database itself refuses, whoever asks it. */
import { sql, type Insertable, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { LedgerEntriesTable } from '../../src/records/schema/money.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage, network, type LedgerStage } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let stage: LedgerStage;
let call: string;

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = await database.fresh();
  stage = await ledgerStage(db);
  ({ call } = aCall({ table: 'table-c', buyer: 'brightside' }));
  await stage.load(aCall({ table: 'table-c', buyer: 'brightside', call }));
  const by = network;
  await stage.reportConversion({ call, key: 'a', name: 'sale', amount: '9.00', by, happenedAt: null });
  const dispute = await stage.openDispute({ call, reason: 'wrong', by });
  if (!dispute.ok) throw new Error(dispute.message);
  await stage.decideDispute({
    dispute: dispute.dispute,
    decision: { state: 'refused' },
    by: 'mara',
    why: 'right',
  });
});
afterAll(() => database.stop());

const line = (given: Partial<Insertable<LedgerEntriesTable>> = {}): Insertable<LedgerEntriesTable> => ({
  ...{
    call_id: call,
    kind: 'adjustment',
    reference: 'r',
    account: 'payable',
    party: 'clickwise',
    amount: -1n,
  },
  ...{
    campaign: null,
    currency: 'USD',
    at: new Date(),
    corrects: null,
    payable_at: null,
    made_by: 'me',
    why: 'so',
  },
  ...given,
});
const insert = (...lines: Insertable<LedgerEntriesTable>[]) =>
  stage.db.insertInto('ledger_entries').values(lines).execute();
const margin = (given: Partial<Insertable<LedgerEntriesTable>> = {}) =>
  line({ account: 'margin', party: 'network', amount: 1n, ...given });

async function unchanged(attempt: () => Promise<unknown>, error: RegExp): Promise<void> {
  const before = await stage.lines(call);
  await expect(attempt()).rejects.toThrow(error);
  expect(await stage.lines(call)).toEqual(before);
}

const final = /only ever added to/;
const kept = /are kept as they were said/;
const statements: readonly (readonly [RawBuilder<unknown>, RegExp])[] = [
  [sql`update ledger_entries set amount = amount + 1`, final],
  [sql`update ledger_entries set why = 'another' where false`, final],
  [sql`delete from ledger_entries`, final],
  [sql`truncate ledger_entries cascade`, /only ever added to|kept/],
  [
    sql`insert into ledger_entries (call_id, kind, account, party, amount, currency, at)
       select call_id, kind, account, party, amount, currency, at from ledger_entries where kind = 'call'
       on conflict (call_id, kind, reference, account) do update set amount = 1`,
    final,
  ],
  [sql`update conversions set amount = 1`, kept],
  [sql`delete from conversions`, kept],
  [sql`truncate conversions`, kept],
  [sql`update disputes set state = 'accepted'`, kept],
  [sql`delete from disputes`, kept],
  [sql`truncate disputes`, kept],
];
test.each(statements.map(([statement, error], at) => [at, statement, error] as const))(
  'statement %i that would change what was written',
  (_, statement, error) => unchanged(() => statement.execute(stage.db), error),
);

describe('a posting', () => {
  const balance = /not to 0 in one/;
  it('that does not balance', async () => {
    await unchanged(() => insert(line()), balance);
    await unchanged(() => insert(line(), margin({ amount: 2n })), balance);
    await unchanged(() => insert(line(), margin({ reference: 'other' })), balance);
    await unchanged(() => insert(line(), margin({ kind: 'dispute' })), balance);
    await unchanged(() => insert(line(), margin({ call_id: null })), balance);
  });

  it('whose lines come in two statements, though they would balance in the end', async () => {
    await unchanged(
      () =>
        stage.db.transaction().execute(async (trx) => {
          await trx.insertInto('ledger_entries').values(line()).execute();
          await trx.insertInto('ledger_entries').values(margin()).execute();
        }),
      balance,
    );
  });

  it('in two currencies', () => unchanged(() => insert(line(), margin({ currency: 'EUR' })), balance));

  it('of nothing', () => unchanged(() => insert(line({ amount: 0n }), margin({ amount: 0n })), /check/));

  it('twice', async () => {
    await insert(line(), margin());
    await unchanged(() => insert(line(), margin()), /duplicate key/);
    await unchanged(() => insert(line({ amount: -2n }), margin({ amount: 2n })), /duplicate key/);
    // A third account would need a partner, and each of the two others is taken.
    await unchanged(
      () => insert(line({ account: 'receivable', party: 'helio', amount: 5n }), margin({ amount: -5n })),
      /duplicate key/,
    );
    // An adjustment's key is one for all calls, and for none.
    await unchanged(() => insert(line({ call_id: null }), margin({ call_id: null })), /duplicate key/);
  });

  it('of no kind that there is, or that nobody answers for', async () => {
    const rest = { reference: 'q' };
    await unchanged(
      () =>
        sql`insert into ledger_entries (call_id, kind, account, party, amount, currency, at, made_by, why)
        values ('c', 'gift', 'payable', 'x', -1, 'USD', now(), 'me', 'so'), ('c', 'gift', 'margin', 'network', 1, 'USD', now(), 'me', 'so')`.execute(
          stage.db,
        ),
      /ledger_entries_kind/,
    );
    await unchanged(() => insert(line({ ...rest, made_by: null }), margin(rest)), /ledger_entries_told/);
    await unchanged(() => insert(line({ ...rest, why: null }), margin(rest)), /ledger_entries_told/);
    await unchanged(() => insert(line({ ...rest, corrects: 999_999n }), margin(rest)), /foreign key/);
  });
});

it('two open disputes about one call, and a decision without its instant', async () => {
  const open = { call_id: call, buyer: 'brightside', reason: 'wrong', opened_by: 'me' };
  await stage.db
    .insertInto('disputes')
    .values({ id: 'one', ...open })
    .execute();
  await unchanged(
    () =>
      stage.db
        .insertInto('disputes')
        .values({ id: 'two', ...open })
        .execute(),
    /disputes_open/,
  );
  await unchanged(
    () => sql`update disputes set state = 'accepted' where id = 'one'`.execute(stage.db),
    /check/,
  );
});

import { sql, Migrator, type Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import type { JournalEvent } from '../../src/records/events.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import type { Records } from '../../src/records/open-records.ts';
import { dropMonthsBefore } from '../../src/records/retention.ts';
import { aCall, ended, tableEvents } from './support/a-call.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
});

const load = (events: readonly JournalEvent[]) =>
  loadBatch(
    records.db,
    'j',
    events.map((event, index) => ({ seq: index + 1, event })),
    new KnownTerms(),
  );

const months = async (): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relname ~ '^(calls|attempts|call_media)_[0-9]{4}_[0-9]{2}$' and relkind = 'r'
     order by 1`.execute(records.db);
  return rows.map(({ name }) => name);
};

const figures = {
  ...{ codec: 'PCMU', packetsSent: 10, packetsReceived: 9, packetsLost: 1, jitter: 2.5 },
} as const;

describe('months of records', () => {
  const [december, january] = [
    aCall({ startedAt: Date.UTC(2025, 11, 31, 23, 59, 59) }),
    aCall({ startedAt: Date.UTC(2026, 0, 1) }),
  ];
  const media: JournalEvent = {
    ...{ type: 'media', at: january.endedAt, call: january.call, startedAt: january.startedAt, leg: 0 },
    ...figures,
  };

  it('are made as calls come, with all that belongs to a call in its month', async () => {
    await load([...tableEvents(), ended(december), ended(january), media]);
    expect(await months()).toEqual([
      ...['attempts_2025_12', 'attempts_2026_01', 'call_media_2025_12', 'call_media_2026_01'],
      ...['calls_2025_12', 'calls_2026_01'],
    ]);
    const { rows } = await sql<{ id: string }>`
      select id from calls_2025_12 union all select call_id from attempts_2025_12`.execute(records.db);
    expect(rows).toEqual([{ id: december.call }, { id: december.call }]);
    expect(await records.db.selectFrom('call_media').selectAll().execute()).toMatchObject([
      { call_id: january.call, leg: 0, packets_lost: 1n, jitter_ms: 2.5 },
    ]);
  });

  it('are dropped whole once all of them is older than is kept; the ledger stays, and they can be made again', async () => {
    await load([...tableEvents(), ended(december), ended(january), media]);
    expect(await dropMonthsBefore(records.db, Date.UTC(2025, 11, 31, 23))).toEqual([]);
    expect(await dropMonthsBefore(records.db, Date.UTC(2026, 0, 1))).toEqual(['2025-12']);
    expect(await dropMonthsBefore(records.db, Date.UTC(2026, 0, 31))).toEqual([]);
    expect(await records.db.selectFrom('calls').select('id').execute()).toEqual([{ id: january.call }]);
    expect(await records.db.selectFrom('ledger_entries').select('id').execute()).toHaveLength(6);
    const late = aCall({ startedAt: Date.UTC(2025, 11, 20) });
    await loadBatch(records.db, 'other', [{ seq: 1, event: ended(late) }], new KnownTerms());
    expect(await months()).toContain('calls_2025_12');
  });

  it('have the indexes of their table, each attached to it', async () => {
    await load([...tableEvents(), ended(january)]);
    const { rows } = await sql<{ loose: bigint; indexes: bigint }>`
      select count(*) as indexes, count(*) filter (where not relispartition) as loose
        from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = 'calls_2026_01'::regclass`.execute(
      records.db,
    );
    expect(rows[0]).toEqual({ indexes: 10n, loose: 0n });
  });
});

it('a database of before months keeps its calls, attempts and ledger, each line of its campaign', async () => {
  const old = await emptyDatabase();
  await migrateTo(old.db, '0004-bids');
  await sql`
    insert into calls (id, started_at, answered_at, connected_at, ended_at, from_number, to_number, carrier, campaign,
      publisher, source, attributes, outcome, cause, hung_up_by, buyer, connected_ms, media, recording, plan, left_out,
      table_hash, revenue, revenue_reason, payout, payout_reason, converted)
    select 'c' || n, at, at + interval '1 second', at + interval '3 seconds', at + interval '98 seconds', '+1214555' || n,
      '+18005550100', 'voxlink', 'solar', 'clickwise', null, '{"caller.state": "TX"}', 'connected', 'caller_hangup',
      'caller', 'sunrise', 95000, 'none', null, '[]', '[]', 't', 45000000, 'paid', 30000000, 'paid', true
      from generate_series(1, 100) as n, lateral (select timestamptz '2025-10-15 12:00Z' + n * interval '1 day' as at) as t`.execute(
    old.db,
  );
  await sql`
    insert into attempts (call_id, position, buyer, trunk, dial, priority, started_at, ended_at, result)
    select id, 1, 'sunrise', 'pbx', '+1', 1, started_at, ended_at, 'answered' from calls`.execute(old.db);
  await sql`
    insert into ledger_entries (call_id, kind, account, party, amount, currency, at)
    select id, 'call', account, party, amount, 'USD', ended_at from calls, (values
      ('receivable', 'sunrise', 45000000), ('payable', 'clickwise', -30000000), ('margin', 'network', -15000000)
    ) as line (account, party, amount)`.execute(old.db);
  await migrateTo(old.db, null);

  const { rows } = await sql<Record<string, bigint>>`
    select (select count(*) from calls where inbound_ms = 97000 and state = 'TX') as calls,
           (select count(*) from attempts join calls on id = call_id and calls.started_at = call_started_at) as attempts,
           (select count(*) from calls_2025_12) as december,
           (select count(*) from ledger_entries where campaign = 'solar') as lines,
           (select count(*) from ledger_entries where payable_at = at and account = 'payable') as payable`.execute(
    old.db,
  );
  expect(rows[0]).toEqual({ calls: 100n, attempts: 100n, december: 31n, lines: 300n, payable: 100n });
  await expect(sql`delete from ledger_entries`.execute(old.db)).rejects.toThrow('only ever added to');
});

it('what had a hold before months keeps it', async () => {
  const old = await emptyDatabase();
  await migrateTo(old.db, '0006-corrections');
  await sql`
    insert into calls (id, started_at, answered_at, connected_at, ended_at, from_number, to_number, carrier, campaign,
      publisher, source, attributes, outcome, cause, hung_up_by, buyer, connected_ms, media, recording, plan, left_out,
      table_hash, revenue, revenue_reason, payout, payout_reason, converted)
    select 'c', at, at, at, at, null, '+18005550100', 'voxlink', 'solar', 'clickwise', null, '{}', 'connected',
      'caller_hangup', 'caller', 'sunrise', 0, 'none', null, '[]', '[]', 't', 0, 'paid', 30000000, 'paid', true
      from (select timestamptz '2025-10-15 12:00Z' as at) as t`.execute(old.db);
  await sql`
    insert into ledger_entries (call_id, kind, account, party, amount, currency, at, campaign, payable_at)
    select 'c', 'call', account, party, amount, 'USD', at, 'solar',
           case account when 'payable' then at + interval '7 days' end
      from (select timestamptz '2025-10-15 12:00Z' as at) as t, (values
        ('payable', 'clickwise', -30000000), ('margin', 'network', 30000000)) as line (account, party, amount)`.execute(
    old.db,
  );
  await migrateTo(old.db, null);
  const lines = await old.db.selectFrom('ledger_entries').select(['account', 'payable_at']).execute();
  expect(new Map(lines.map(({ account, payable_at }) => [account, payable_at]))).toEqual(
    new Map([
      ['payable', new Date('2025-10-22T12:00Z')],
      ['margin', null],
    ]),
  );
});

it('what publishers were paid is summed up of what the ledger has, of calls too whose records are gone', async () => {
  const old = await database.fresh();
  const [gone, there] = [
    aCall({ startedAt: Date.UTC(2025, 11, 20) }),
    aCall({ startedAt: Date.UTC(2026, 0, 20) }),
  ];
  const events = [...tableEvents(), ended(gone), ended(there)];
  await loadBatch(
    old.db,
    'j',
    events.map((event, index) => ({ seq: index + 1, event })),
    new KnownTerms(),
  );
  const known = await old.db.selectFrom('paid_out').selectAll().orderBy('since').orderBy('grain').execute();
  expect(known.map(({ grain, paid }) => [grain, paid])).toEqual(
    ['day', 'quarter', 'day', 'quarter'].map((grain) => [grain, 30_000_000n]),
  );
  await dropMonthsBefore(old.db, Date.UTC(2026, 0, 2));
  await sql`drop table paid_out`.execute(old.db);
  // That step alone: those behind it have made more of the same names since.
  await migrations['0011-paid-out']?.up(old.db);
  const rows = await old.db.selectFrom('paid_out').selectAll().orderBy('since').orderBy('grain').execute();
  expect(rows).toEqual(known);
});

async function emptyDatabase(): Promise<Records> {
  const fresh = await database.fresh();
  await sql`drop schema public cascade`.execute(fresh.db);
  await sql`create schema public`.execute(fresh.db);
  return fresh;
}

async function migrateTo<T>(db: Kysely<T>, name: string | null): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = name === null ? await migrator.migrateToLatest() : await migrator.migrateTo(name);
  expect(error).toBeUndefined();
}

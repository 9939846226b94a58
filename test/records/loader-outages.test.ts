import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import { startLoader, type Loader } from '../../src/records/loader/loader.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords, type Records } from '../../src/records/open-records.ts';
import { aCall, ended, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';
import { openRoad, tooManyClients, type Road } from './support/road.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records & { readonly url: string };
let road: Road;
let loaded: Records;
let dir: string;
let journal: Journal;
let loader: Loader;
let told: string[];

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

beforeEach(async () => {
  records = await database.fresh();
  road = await openRoad(records.url);
  loaded = openRecords({ url: road.url, log: quiet, connections: 1, patience });
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  journal = await openJournal({ dir, log: quiet });
  writeTable(journal);
  told = [];
  loader = startLoader({
    ...{ journal, db: loaded.db, log: quiet, longestPause: 50 },
    onSettled: ({ call }) => told.push(call),
  });
});
afterEach(async () => {
  await loader.stop();
  await loaded.close();
  road.close();
  await journal.close();
  await rm(dir, { recursive: true, force: true });
});

/** Longer than any statement here, on a busy machine too. */
const patience = 3_000;

const callsEnd = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) journal.append(ended(aCall()));
  await journal.flushed();
};

/** Nothing lost, nothing twice. */
async function expectAll(calls: number): Promise<void> {
  await loader.caughtUp();
  const { rows } = await sql<Record<string, bigint>>`
    select (select count(*) from calls) as calls, (select count(*) from attempts) as attempts,
           (select count(*) from ledger_entries) as lines,
           (select sum(amount)::bigint from ledger_entries) as sum`.execute(records.db);
  const all = BigInt(calls);
  expect(rows[0]).toEqual({ calls: all, attempts: all, lines: all * 3n, sum: 0n });
  expect(told).toHaveLength(calls);
  expect(new Set(told).size).toBe(calls);
  expect(loader.stats()).toMatchObject({ lag: 0, lagSeconds: 0, connected: true, gaps: 0, rejects: 0 });
}

it('a database that is away for long leaves a backlog, told in entries and seconds, that drains when it is back', async () => {
  await callsEnd(10);
  await expectAll(10);
  road.block();
  await callsEnd(20_000);
  await expect.poll(() => loader.stats()).toMatchObject({ lag: 20_000, connected: false });
  await expect.poll(() => loader.stats().lagSeconds).toBeGreaterThan(0.1);
  road.open();
  await expectAll(20_010);
}, 60_000);

it('a connection that breaks while it commits, after the database has heard it and before it answers', async () => {
  await callsEnd(5);
  await expectAll(5);
  for (let round = 0; round < 5; round++) {
    road.cutAnswersAfter('commit');
    await callsEnd(20);
    await road.wasCut();
    await expectAll(5 + (round + 1) * 20);
  }
});

it('a database that only reads, as a standby after a failover', async () => {
  await records.db.connection().execute(async (db) => {
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db);
    const alter = (to: string) =>
      sql`alter database ${sql.id(rows[0]!.name)} set default_transaction_read_only = ${sql.lit(to)}`.execute(
        db,
      );
    await loader.caughtUp();
    await alter('on');
    road.cut();
    await callsEnd(30);
    await expect.poll(() => loader.stats().connected).toBe(false);
    await sql`set default_transaction_read_only = off`.execute(db);
    await alter('off');
    road.cut();
  });
  await expectAll(30);
});

it('a database that takes no more connections', async () => {
  await loader.caughtUp();
  road.refuseWith(tooManyClients);
  road.cut();
  await callsEnd(30);
  await expect.poll(() => loader.stats().connected).toBe(false);
  road.refuseWith(null);
  await expectAll(30);
});

it('statements that take longer than the database lets them', async () => {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(records.db);
  await loader.caughtUp();
  const name = sql.id(rows[0]!.name);
  await sql`alter database ${name} set statement_timeout = '20ms'`.execute(records.db);
  road.cut();
  // Somebody holds the turn: the loader's wait for it is what takes too long.
  await records.db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`select pg_advisory_xact_lock(7011550002)`.execute(trx);
    await callsEnd(30);
    await expect.poll(() => loader.stats().connected).toBe(false);
    await sql`alter database ${name} reset statement_timeout`.execute(trx);
  });
  road.cut();
  await expectAll(30);
});

it('a transaction that is killed in the middle of it, again and again', async () => {
  for (let round = 1; round <= 5; round++) {
    // Another transaction has the table: the loader stands in the middle of its own.
    await records.db.transaction().execute(async (trx) => {
      await sql`lock table attempts in access exclusive mode`.execute(trx);
      await callsEnd(40);
      await expect
        .poll(async () => {
          const { rows } = await sql<{ pid: number }>`
            select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
            records.db,
          );
          return rows.length;
        })
        .toBe(1);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(trx);
    });
    await expectAll(round * 40);
  }
});

it('an empty database in the place of the one that was loaded: what the journal has is loaded anew, told of once', async () => {
  await callsEnd(30);
  await expectAll(30);
  await sql`drop schema public cascade`.execute(records.db);
  await sql`create schema public`.execute(records.db);
  await callsEnd(30);
  await expect.poll(() => loader.stats().connected).toBe(false);
  await migrate(records.db);
  await expectAll(60);
});

it('a network that swallows everything, and breaks no connection: another one is tried in time', async () => {
  await callsEnd(10);
  await expectAll(10);
  road.swallow();
  await callsEnd(30);
  await expect.poll(() => loader.stats().connected, { timeout: 20_000 }).toBe(false);
  road.open();
  await expectAll(40);
}, 60_000);

it('a close does not wait for a database that says nothing any more', async () => {
  const others = openRecords({ url: road.url, log: quiet });
  const asked = sql`select pg_sleep(60)`.execute(others.db).catch((error: unknown) => String(error));
  await expect
    .poll(async () => {
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`.execute(
        records.db,
      );
      return rows.length;
    })
    .toBe(1);
  road.swallow();
  await others.close();
  expect(await asked).toMatch(/terminated/);
  road.open();
}, 30_000);

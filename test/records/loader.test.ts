import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import { listCalls } from '../../src/records/list-calls.ts';
import { listPayouts } from '../../src/records/list-payouts.ts';
import type { Loader } from '../../src/records/loader/loader.ts';
import type { RecordsLog } from '../../src/records/records-log.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import type { SettledCall } from '../../src/records/loader/settled-call.ts';
import { isAboutTheData, UnreadableEntry } from '../../src/records/loader/pg-error.ts';
import { aCall, ended, offered, tableEvents, writeTable } from './support/a-call.ts';
import { keptLog, quiet } from './support/quiet.ts';
import { recordsStage } from './support/records-stage.ts';

const stage = recordsStage();

function load(
  given: {
    log?: RecordsLog;
    onSettled?: (call: SettledCall) => void;
    onRejected?: (call: string) => void;
    from?: Journal;
  } = {},
): Loader {
  const { from = stage.journal, ...rest } = given;
  return stage.load({ journal: from, ...rest });
}

const count = async (table: 'calls' | 'ledger_entries' | 'attempts' | 'journal_gaps' | 'journal_rejects') => {
  const { n } = await stage.records.db
    .selectFrom(table)
    .select((row) => row.fn.countAll<bigint>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
};

describe('a call that ended', () => {
  it('is recorded with its attempts, settled, and entered in the ledger', async () => {
    const record = aCall();
    const settled: SettledCall[] = [];
    writeTable(stage.journal);
    stage.journal.append(offered(record));
    stage.journal.append(ended(record));
    await load({ onSettled: (call) => settled.push(call) }).caughtUp();

    const [call] = await listCalls(stage.records.db, { limit: 10 });
    expect(call).toMatchObject({
      id: record.call,
      started_at: new Date(record.startedAt).toISOString(),
      from: record.from,
      outcome: 'connected',
      buyer: 'sunrise',
      connected_ms: 95_000,
      revenue: '45.00',
      payout: '30.00',
      margin: '15.00',
      currency: 'USD',
      attributes: { 'caller.state': 'TX', 'ivr.homeowner': true },
      left_out: [{ buyer: 'brightside', rule: 'accepts', about: 'ivr.homeowner', seen: true, limit: false }],
      attempts: [{ buyer: 'sunrise', result: 'answered', status: 200 }],
    });
    expect(settled).toEqual([
      {
        call: record.call,
        caller: record.from,
        campaign: 'solar',
        publisher: 'clickwise',
        buyer: 'sunrise',
        connectedAt: record.connectedAt,
        endedAt: record.endedAt,
        converted: true,
        revenue: 45_000_000n,
        payout: 30_000_000n,
      },
    ]);
    expect(await listPayouts(stage.records.db)).toMatchObject({
      currencies: [
        {
          currency: 'USD',
          publishers: [{ publisher: 'clickwise', calls: 1, connected: 1, payable: 1, payout: '30.00' }],
          buyers: [{ buyer: 'sunrise', calls: 1, billable: 1, revenue: '45.00' }],
          revenue: '45.00',
          payout: '30.00',
          margin: '15.00',
        },
      ],
    });
  });

  it('with unknown terms is recorded, pays nothing and says why', async () => {
    stage.journal.append(ended(aCall({ table: 'lost' })));
    await load().caughtUp();
    const [call] = await listCalls(stage.records.db, { limit: 1 });
    expect(call).toMatchObject({ revenue: '0.00', payout_reason: 'the terms of table lost are not known' });
    expect(await count('ledger_entries')).toBe(0);
  });

  it('without a buyer moves no money and is counted for its publisher', async () => {
    writeTable(stage.journal);
    stage.journal.append(ended(aCall({ connectedAt: null, buyer: null })));
    await load().caughtUp();
    expect(await count('ledger_entries')).toBe(0);
    const { currencies } = await listPayouts(stage.records.db);
    expect(currencies[0]?.publishers).toMatchObject([
      { publisher: 'clickwise', calls: 1, connected: 0, payable: 0, payout: '0.00' },
    ]);
  });
});

describe('exactly once, in order', () => {
  it('goes on where the database stands after a restart', async () => {
    writeTable(stage.journal);
    for (let n = 0; n < 50; n++) stage.journal.append(ended(aCall()));
    const first = load();
    await first.caughtUp();
    await first.stop();
    for (let n = 0; n < 50; n++) stage.journal.append(ended(aCall()));
    const second = load();
    await second.caughtUp();
    expect(await count('calls')).toBe(100);
    expect(second.stats()).toEqual({
      position: 102,
      lag: 0,
      lagSeconds: 0,
      connected: true,
      gaps: 0,
      rejects: 0,
    });
  });

  it('survives its connections being killed over and over', async () => {
    writeTable(stage.journal);
    const loader = load();
    const enough = new AbortController();
    const killer = (async () => {
      while (!enough.signal.aborted) {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`
          .execute(stage.records.db)
          .catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 7));
      }
    })();
    for (let n = 0; n < 600; n++) {
      stage.journal.append(ended(aCall()));
      if (n % 20 === 0) await stage.journal.flushed();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    enough.abort();
    await killer;
    await loader.caughtUp();
    expect(await count('calls')).toBe(600);
    expect(await count('attempts')).toBe(600);
    const { rows } = await sql<{
      n: bigint;
    }>`select count(*) as n from ledger_entries where account = 'receivable'`.execute(stage.records.db);
    expect(rows[0]?.n).toBe(600n);
  });

  it('tells of numbers that are missing, and goes on', async () => {
    const log = keptLog();
    writeTable(stage.journal);
    const reader = stage.journal.reader(0);
    await stage.journal.flushed();
    const [table] = (await reader.next(1)).entries;
    const holed: Journal = {
      ...stage.journal,
      id: stage.journal.id,
      append: (event) => stage.journal.append(event),
      flushed: () => stage.journal.flushed(),
      forget: () => Promise.resolve(),
      watch: () => () => undefined,
      stats: () => ({ ...stage.journal.stats(), lastSeq: 5, durableSeq: 5 }),
      reader: () => {
        let read = false;
        return {
          next: () => {
            const entries = read ? [] : [table!, { seq: 5, event: ended(aCall()) }];
            read = true;
            return Promise.resolve({ entries, damage: [] });
          },
        };
      },
    };
    const loader = load({ from: holed, log });
    await loader.caughtUp();
    expect(loader.stats()).toMatchObject({ gaps: 3, position: 5 });
    expect(
      await stage.records.db.selectFrom('journal_gaps').select(['from_seq', 'to_seq']).execute(),
    ).toEqual([{ from_seq: 2n, to_seq: 4n }]);
    expect(log.lines.map(({ fields }) => fields)).toContainEqual({
      ...{ event: 'journal_gap', up_to: 5, missing: 3 },
    });
  });

  it('loads a journal that was put back to an earlier state anew, and each call once', async () => {
    const log = keptLog();
    const [kept, lost, added] = [aCall(), aCall(), aCall()];
    writeTable(stage.journal);
    stage.journal.append(ended(kept));
    await stage.journal.close();
    const { dir } = stage;
    const backup = `${dir}-backup`;
    await cp(dir, backup, { recursive: true });
    stage.journal = await openJournal({ dir, log: quiet });
    stage.journal.append(ended(lost));
    const first = load();
    await first.caughtUp();
    await first.stop();

    await stage.journal.close();
    await rm(dir, { recursive: true });
    await rename(backup, dir);
    stage.journal = await openJournal({ dir, log: quiet });
    stage.journal.append(ended(added));
    await load({ log }).caughtUp();
    const calls = await listCalls(stage.records.db, { limit: 10 });
    expect(calls.map((call) => call.id).sort()).toEqual([kept.call, lost.call, added.call].sort());
    expect(await count('ledger_entries')).toBe(9);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ event: 'journal_replaced', from: 0 }) }),
    );
  });

  it('keeps an entry that Postgres refuses aside, tells whose it was, and loads those behind it', async () => {
    const sound = aCall();
    const refused = { ...sound, attempts: [{ ...sound.attempts[0]!, status: 2 ** 40 }] };
    writeTable(stage.journal);
    stage.journal.append(ended(aCall()));
    stage.journal.append(ended(refused));
    stage.journal.append(ended(aCall()));
    const rejected: string[] = [];
    const settled: string[] = [];
    const loader = load({
      onRejected: (call) => rejected.push(call),
      onSettled: ({ call }) => settled.push(call),
    });
    await loader.caughtUp();
    expect(await count('calls')).toBe(2);
    expect(loader.stats()).toMatchObject({ rejects: 1, lag: 0 });
    expect(await stage.records.db.selectFrom('journal_rejects').select('seq').execute()).toEqual([
      { seq: 4n },
    ]);
    expect(rejected).toEqual([refused.call]);
    expect(settled).toHaveLength(2);
  });

  it('keeps a call aside whose terms make no sense, tried once', async () => {
    stage.journal.append({ type: 'terms', at: 0, digest: 'nonsense', terms: '{"version":99' });
    stage.journal.append({
      type: 'table',
      at: 0,
      hash: 'nonsense',
      currency: 'USD',
      minorDigits: 2,
      parts: ['nonsense'],
    });
    const refused = aCall({ table: 'nonsense' });
    stage.journal.append(ended(refused));
    const rejected: string[] = [];
    await load({ onRejected: (call) => rejected.push(call) }).caughtUp();
    expect(rejected).toEqual([refused.call]);
  });

  it('keeps aside what is more than the database can hold, and what our own code stumbles over; the rest passes', async () => {
    const letters = Array.from({ length: 9_000 }, () => Math.random().toString(36).at(-1)).join('');
    const tooMuch = aCall({ source: letters });
    const stumbled = { ...aCall(), attempts: null } as unknown as ReturnType<typeof aCall>;
    writeTable(stage.journal);
    for (const record of [aCall(), tooMuch, aCall(), stumbled, aCall()]) stage.journal.append(ended(record));
    const rejected: string[] = [];
    const loader = load({ onRejected: (call) => rejected.push(call) });
    await loader.caughtUp();
    expect(rejected).toEqual([tooMuch.call, stumbled.call]);
    expect(loader.stats()).toMatchObject({ rejects: 2, lag: 0 });
    expect(await count('calls')).toBe(3);
    const { rows } = await sql<{ error: string }>`select error from journal_rejects order by seq`.execute(
      stage.records.db,
    );
    expect(rows).toEqual([
      { error: expect.stringMatching(/index row/) },
      { error: expect.stringMatching(/^TypeError/) },
    ]);
  }, 30_000);

  it('takes neither our own faults nor the road for what was written', () => {
    expect(isAboutTheData(new TypeError('undefined is not a function'))).toBe(false);
    expect(isAboutTheData(new RangeError('Maximum call stack size exceeded'))).toBe(false);
    expect(isAboutTheData(new UnreadableEntry('nonsense'))).toBe(true);
    expect(isAboutTheData(Object.assign(new Error('value too long'), { code: '22001' }))).toBe(true);
    expect(isAboutTheData(Object.assign(new Error('index row too large'), { code: '54000' }))).toBe(true);
    expect(isAboutTheData(Object.assign(new Error('shutting down'), { code: '57P01' }))).toBe(false);
  });

  it('loads whatever far ends wrote: NUL, escapes for terminals and halves of surrogate pairs are left out', async () => {
    const dirt = 'Busy\u0000 \u001b[31mHere\ud83d \u{1f600} \u009bé';
    const clean = 'Busy [31mHere \u{1f600} é';
    const record = aCall({ source: dirt, attributes: { [`tag.${dirt}`]: dirt }, from: '+1214555\u0000' });
    const [attempt] = record.attempts;
    const dirty = { ...record, attempts: [{ ...attempt!, reason: dirt }] };
    writeTable(stage.journal);
    stage.journal.append(ended(dirty));
    const loader = load();
    await loader.caughtUp();
    expect(loader.stats()).toMatchObject({ rejects: 0, lag: 0 });
    const [call] = await listCalls(stage.records.db, { limit: 10 });
    expect(call).toMatchObject({
      source: clean,
      from: '+1214555',
      attributes: { [`tag.${clean}`]: clean },
      attempts: [{ reason: clean }],
    });
    // The journal is the one that was loaded: a second start goes on behind it.
    await loader.stop();
    await load().caughtUp();
    expect(await count('calls')).toBe(1);
  });

  it('is told as settled although the connection broke after the commit and before it was acknowledged', async () => {
    const record = aCall();
    const entries = [...tableEvents(), ended(record)].map((event, index) => ({ seq: index + 1, event }));
    const first = await loadBatch(stage.records.db, stage.journal.id, entries, new KnownTerms());
    const again = await loadBatch(stage.records.db, stage.journal.id, entries, new KnownTerms());
    expect(first.settled).toMatchObject([{ call: record.call, revenue: 45_000_000n, converted: true }]);
    expect(again).toEqual({ ...first, missing: 0 });
    expect(await count('ledger_entries')).toBe(3);
  });
});

describe('duplicates', () => {
  it('are billed and paid once in their windows, and not twice for one caller', async () => {
    const first = aCall({ from: '+12145559999' });
    const second = aCall({ from: '+12145559999', startedAt: first.endedAt + 1000 });
    const later = aCall({ from: '+12145559999', startedAt: first.startedAt + 31 * 86_400_000 });
    const anonymous = [aCall({ from: null }), aCall({ from: null })];
    writeTable(stage.journal);
    for (const record of [first, second, later, ...anonymous]) stage.journal.append(ended(record));
    await load().caughtUp();
    const calls = new Map((await listCalls(stage.records.db, { limit: 10 })).map((call) => [call.id, call]));
    expect(calls.get(first.call)).toMatchObject({ revenue: '45.00', payout: '30.00' });
    expect(calls.get(second.call)).toMatchObject({ revenue: '0.00', payout: '0.00', converted: true });
    expect(calls.get(second.call)?.payout_reason).toContain('duplicate');
    expect(calls.get(later.call)).toMatchObject({ revenue: '45.00', payout: '30.00' });
    for (const { call } of anonymous)
      expect(calls.get(call)).toMatchObject({ revenue: '45.00', payout: '30.00' });
  });

  it('are found across switches that share a database and settle at once', async () => {
    const dirs = await Promise.all([1, 2, 3].map(() => mkdtemp(join(tmpdir(), 'tollbridge-journal-'))));
    const journals = await Promise.all(dirs.map((each) => openJournal({ dir: each, log: quiet })));
    const callers = Array.from({ length: 40 }, (_, n) => `+1972555${String(n).padStart(4, '0')}`);
    for (const each of journals) {
      writeTable(each);
      for (const from of callers) each.append(ended(aCall({ from })));
    }
    const switches = journals.map((from) => load({ from }));
    await Promise.all(switches.map((loader) => loader.caughtUp()));
    expect(await count('calls')).toBe(120);
    const { rows } = await sql<{ n: bigint }>`select count(*) as n from calls where revenue > 0`.execute(
      stage.records.db,
    );
    expect(rows[0]?.n).toBe(40n);
    await stage.stopLoaders();
    for (const each of journals) await each.close();
    for (const each of dirs) await rm(each, { recursive: true });
  });
});

describe('the ledger', () => {
  beforeEach(async () => {
    writeTable(stage.journal);
    stage.journal.append(ended(aCall()));
    await load().caughtUp();
  });

  it.each([
    'update ledger_entries set amount = 1',
    'delete from ledger_entries',
    'truncate ledger_entries, statement_lines',
  ])('is only ever added to: %s', async (statement) => {
    await expect(sql.raw(statement).execute(stage.records.db)).rejects.toThrow('only ever added to');
    expect(await count('ledger_entries')).toBe(3);
  });

  it('takes only entries that balance', async () => {
    const [call] = await listCalls(stage.records.db, { limit: 1 });
    const entry = {
      ...{ call_id: call!.id, kind: 'dispute' as const, reference: 'd1', currency: 'USD', at: new Date() },
      ...{ campaign: 'solar', corrects: null, payable_at: null, made_by: 'ops', why: 'a wrong number' },
    };
    const insert = (amounts: readonly [bigint, bigint]) =>
      stage.records.db
        .insertInto('ledger_entries')
        .values([
          { ...entry, account: 'receivable', party: 'sunrise', amount: amounts[0] },
          { ...entry, account: 'margin', party: 'solar', amount: amounts[1] },
        ])
        .execute();
    await expect(insert([-5_000_000n, 4_000_000n])).rejects.toThrow('not to 0');
    await insert([-5_000_000n, 5_000_000n]);
    await expect(insert([-5_000_000n, 5_000_000n])).rejects.toThrow('unique');
    expect((await listPayouts(stage.records.db)).currencies[0]).toMatchObject({
      revenue: '40.00',
      margin: '10.00',
    });
  });
});

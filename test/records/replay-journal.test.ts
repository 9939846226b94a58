import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import { JournalInUse } from '../../src/records/journal/lock.ts';
import { startLoader } from '../../src/records/loader/loader.ts';
import { writePosition } from '../../src/records/loader/position.ts';
import type { Records } from '../../src/records/open-records.ts';
import { replayJournal, type Replayed, type ReplayOptions } from '../../src/records/replay-journal.ts';
import { inParts } from '../../src/settlement/terms-parts.ts';
import { aCall, ended, terms, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
let dir: string;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-replay-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function inJournal(work: (journal: Journal) => Promise<void>): Promise<string> {
  const journal = await openJournal({ dir, log: quiet });
  await work(journal);
  await journal.flushed();
  await journal.close();
  return journal.id;
}

const calls = Array.from({ length: 10 }, () => aCall());
const write = (journal: Journal, some: readonly (typeof calls)[number][]): void => {
  for (const call of some) journal.append(ended(call));
};

async function load(journal: Journal): Promise<void> {
  const loader = startLoader({ journal, db: records.db, log: quiet });
  await loader.caughtUp();
  await loader.stop();
}

async function replayed(options: Partial<ReplayOptions> = {}): Promise<Replayed> {
  const given = { from: null, rejects: false, dryRun: false, ...options };
  const done = await replayJournal({ db: records.db, dir, ...given });
  if (!done) throw new Error('no journal was found');
  return done;
}

async function inDatabase(): Promise<{ calls: number; entries: number; position: number }> {
  const { rows } = await sql<{ calls: bigint; entries: bigint; position: bigint | null }>`
    select (select count(*) from calls) as calls, (select count(*) from ledger_entries) as entries,
           (select max(seq) from journal_position) as position`.execute(records.db);
  const [row] = rows;
  return {
    calls: Number(row?.calls),
    entries: Number(row?.entries),
    position: Number(row?.position ?? 0),
  };
}

it('gives a database of an older backup what came since, once, and lets the switch go on from there', async () => {
  await inJournal(async (journal) => {
    writeTable(journal);
    write(journal, calls.slice(0, 4));
    await load(journal);
    write(journal, calls.slice(4));
  });
  const found = await replayed();
  expect(found).toMatchObject({ calls: 10, loaded: 6, refused: [], damage: [], rejects: null });
  expect(found.position).toBe(found.lastSeq! - 6);
  const after = { calls: 10, entries: 30, position: found.lastSeq! };
  expect(await inDatabase()).toEqual(after);
  expect(await replayed()).toMatchObject({ loaded: 0, position: found.lastSeq! });
  expect(await inDatabase()).toEqual(after);
  await inJournal(async (journal) => {
    write(journal, [aCall()]);
    await load(journal);
  });
  expect(await inDatabase()).toEqual({ calls: 11, entries: 33, position: found.lastSeq! + 1 });
});

it('loads calls that a database lacks though it says that it has them, from a number on', async () => {
  const id = await inJournal((journal) => {
    writeTable(journal);
    write(journal, calls);
    return Promise.resolve();
  });
  await writePosition(records.db, id, { seq: 1000, mark: 'x' });
  const all = await replayed({ dryRun: true });
  expect(all).toMatchObject({ position: 1000, calls: 10, loaded: 10 });
  const table = { hash: 'table-1', terms: inParts(terms) };
  const late = await replayed({ from: all.lastSeq! - 2, table });
  expect(late).toMatchObject({ firstSeq: all.lastSeq! - 2, entries: 3, loaded: 3 });
  // The table lies before them, but its terms were given; where it had got is left to the switch, which looks itself.
  expect(await inDatabase()).toEqual({ calls: 3, entries: 9, position: 1000 });
  expect(await replayed()).toMatchObject({ loaded: 7 });
});

it('a dry run tells what would be done and changes neither database nor journal', async () => {
  await inJournal((journal) => {
    writeTable(journal);
    write(journal, calls);
    return Promise.resolve();
  });
  const files = async () =>
    Promise.all((await readdir(dir)).map(async (name) => [name, await readFile(join(dir, name), 'utf8')]));
  const before = await files();
  expect(await replayed({ dryRun: true, rejects: true })).toMatchObject({
    ...{ loaded: 10, rejects: { tried: 0, loaded: 0, refused: [] } },
  });
  expect(await inDatabase()).toEqual({ calls: 0, entries: 0, position: 0 });
  expect(await files()).toEqual(before);
});

it('tries what was refused anew: what is sound by now is loaded and let go, the rest stays with its reason', async () => {
  const id = await inJournal(async (journal) => {
    writeTable(journal);
    journal.append(ended({ ...aCall(), endedAt: Number.NaN }));
    await load(journal);
  });
  const sound = aCall();
  const keep = (seq: number, event: string) =>
    records.db.insertInto('journal_rejects').values({ journal: id, seq, event, error: 'then' }).execute();
  await keep(900, JSON.stringify(ended(sound)));
  await keep(901, '{ "type": ');
  const { rejects } = await replayed({ from: 1_000_000, rejects: true });
  expect(rejects).toMatchObject({ tried: 3, loaded: 1 });
  expect(rejects!.refused.map(({ seq }) => seq)).toEqual([expect.any(Number), 901]);
  const left = await records.db.selectFrom('journal_rejects').select('seq').orderBy('seq').execute();
  expect(left).toHaveLength(2);
  const { rows } = await sql<{ id: string }>`select id from calls`.execute(records.db);
  expect(rows).toEqual([{ id: sound.call }]);
});

it('keeps aside what our own code stumbles over, and loads the rest', async () => {
  const stumbled = { ...aCall(), attempts: null } as unknown as (typeof calls)[number];
  await inJournal((journal) => {
    writeTable(journal);
    write(journal, [...calls.slice(0, 3), stumbled, ...calls.slice(3)]);
    return Promise.resolve();
  });
  const found = await replayed({ rejects: true });
  expect(found).toMatchObject({ calls: 11, loaded: 10, rejects: { tried: 1, loaded: 0 } });
  for (const refused of [found.refused, found.rejects!.refused])
    expect(refused).toEqual([
      { seq: found.lastSeq! - 7, error: expect.stringMatching(/^TypeError/) as string },
    ]);
});

it('is refused while a switch writes the journal, and does not wait for it', async () => {
  const journal = await openJournal({ dir, log: quiet });
  await expect(replayed()).rejects.toThrow(JournalInUse);
  await journal.close();
});

/** What a buyer bid for a call goes from the journal into its record, its settlement and the ledger. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CallRecord } from '../../src/records/events.ts';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import { listCalls } from '../../src/records/list-calls.ts';
import { startLoader, type Loader } from '../../src/records/loader/loader.ts';
import { closeLostCalls } from '../../src/records/lost-calls.ts';
import type { Records } from '../../src/records/open-records.ts';
import { aCall, ended, offered, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
let dir: string;
let journal: Journal;
let loader: Loader | undefined;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  journal = await openJournal({ dir, log: quiet });
  writeTable(journal);
});
afterEach(async () => {
  await loader?.stop();
  await journal.close();
  await rm(dir, { recursive: true, force: true });
});

async function loaded(): Promise<ReturnType<Loader['stats']>> {
  loader = startLoader({ journal, db: records.db, log: quiet });
  await loader.caughtUp();
  return loader.stats();
}

/** The first attempt, at a bid of its own, came to nothing; the second is the one that connected. */
function bidFor(bid: string): CallRecord {
  const record = aCall();
  const [attempt] = record.attempts;
  if (attempt === undefined) throw new Error('a call has an attempt');
  const failed = { ...attempt, buyer: 'helio', bid: '61.00', answeredAt: null, result: 'busy' as const };
  return { ...record, attempts: [failed, { ...attempt, bid }] };
}

it('is the revenue of the call that it won, and stands beside each attempt', async () => {
  journal.append(ended(bidFor('52.50')));
  await loaded();
  const [call] = await listCalls(records.db, { limit: 1 });
  expect(call).toMatchObject({
    buyer: 'sunrise',
    revenue: '52.50',
    revenue_reason: 'bid 52.50, connected 95 s: connected at least 90 s',
    payout: '30.00',
    margin: '22.50',
    attempts: [
      { buyer: 'helio', bid: '61.00' },
      { buyer: 'sunrise', bid: '52.50' },
    ],
  });
  const owed = await records.db
    .selectFrom('ledger_entries')
    .select(['party', 'amount'])
    .where('account', '=', 'receivable')
    .execute();
  expect(owed).toEqual([{ party: 'sunrise', amount: 52_500_000n }]);
});

it('is nothing in the lines of a switch that knew no bids', async () => {
  journal.append(ended(aCall()));
  await loaded();
  const [call] = await listCalls(records.db, { limit: 1 });
  expect(call?.revenue).toBe('45.00');
  expect(call?.attempts[0]).not.toHaveProperty('bid');
});

it('outlives a switch that is killed in mid-call', async () => {
  const record = aCall();
  const { startedAt, endedAt, call } = record;
  const attempt = { buyer: 'sunrise', trunk: 'sunrise-pbx', dial: '+12145550111', priority: 1, bid: '52.50' };
  journal.append(offered(record));
  journal.append({ type: 'attempted', at: startedAt + 1000, call, attempt });
  journal.append({ type: 'connected', at: startedAt + 3000, call, buyer: 'sunrise' });
  journal.append({ type: 'alive', at: startedAt + 99_000, calls: [call] });
  await journal.flushed();
  await closeLostCalls(journal, endedAt);
  await loaded();
  const [listed] = await listCalls(records.db, { limit: 1 });
  expect(listed).toMatchObject({ cause: 'switch_lost', revenue: '52.50' });
});

it.each(['NaN', '-1.00', '1e308', ''])('of "%s" bills nobody: the entry is kept aside', async (bid) => {
  journal.append(ended(bidFor(bid)));
  journal.append(ended(aCall()));
  expect(await loaded()).toMatchObject({ rejects: 1, lag: 0 });
  expect(await listCalls(records.db, { limit: 10 })).toHaveLength(1);
});

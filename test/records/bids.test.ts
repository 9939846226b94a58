/** What a buyer bid for a call goes from the journal into its record, its settlement and the ledger. */
import { beforeEach, expect, it } from 'vitest';
import type { CallRecord } from '../../src/records/events.ts';
import { listCalls } from '../../src/records/list-calls.ts';
import type { LoaderStats } from '../../src/records/loader/loader.ts';
import { closeLostCalls } from '../../src/records/lost-calls.ts';
import { aCall, ended, offered, writeTable } from './support/a-call.ts';
import { recordsStage } from './support/records-stage.ts';

const stage = recordsStage();
beforeEach(() => writeTable(stage.journal));

const loaded = async (): Promise<LoaderStats> => (await stage.loadAll()).stats();

/** The first attempt, at a bid of its own, came to nothing; the second is the one that connected. */
function bidFor(bid: string): CallRecord {
  const record = aCall();
  const [attempt] = record.attempts;
  if (attempt === undefined) throw new Error('a call has an attempt');
  const failed = { ...attempt, buyer: 'helio', bid: '61.00', answeredAt: null, result: 'busy' as const };
  return { ...record, attempts: [failed, { ...attempt, bid }] };
}

it('is the revenue of the call that it won, and stands beside each attempt', async () => {
  stage.journal.append(ended(bidFor('52.50')));
  await loaded();
  const [call] = await listCalls(stage.records.db, { limit: 1 });
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
  const owed = await stage.records.db
    .selectFrom('ledger_entries')
    .select(['party', 'amount'])
    .where('account', '=', 'receivable')
    .execute();
  expect(owed).toEqual([{ party: 'sunrise', amount: 52_500_000n }]);
});

it('is nothing in the lines of a switch that knew no bids', async () => {
  stage.journal.append(ended(aCall()));
  await loaded();
  const [call] = await listCalls(stage.records.db, { limit: 1 });
  expect(call?.revenue).toBe('45.00');
  expect(call?.attempts[0]).not.toHaveProperty('bid');
});

it('outlives a switch that is killed in mid-call', async () => {
  const record = aCall();
  const { startedAt, endedAt, call } = record;
  const attempt = { buyer: 'sunrise', trunk: 'sunrise-pbx', dial: '+12145550111', priority: 1, bid: '52.50' };
  stage.journal.append(offered(record));
  stage.journal.append({ type: 'attempted', at: startedAt + 1000, call, attempt });
  stage.journal.append({ type: 'connected', at: startedAt + 3000, call, buyer: 'sunrise' });
  stage.journal.append({ type: 'alive', at: startedAt + 99_000, calls: [call] });
  await stage.journal.flushed();
  await closeLostCalls(stage.journal, endedAt);
  await loaded();
  const [listed] = await listCalls(stage.records.db, { limit: 1 });
  expect(listed).toMatchObject({ cause: 'switch_lost', revenue: '52.50' });
});

it.each(['NaN', '-1.00', '1e308', ''])('of "%s" bills nobody: the entry is kept aside', async (bid) => {
  stage.journal.append(ended(bidFor(bid)));
  stage.journal.append(ended(aCall()));
  expect(await loaded()).toMatchObject({ rejects: 1, lag: 0 });
  expect(await listCalls(stage.records.db, { limit: 10 })).toHaveLength(1);
});

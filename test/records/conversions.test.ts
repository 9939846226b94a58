import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Corrected } from '../../src/records/ledger/correcting.ts';
import type { CallRecord } from '../../src/records/events.ts';
import type { ConversionReport } from '../../src/records/ledger/report-conversion.ts';
import { aCall } from './support/a-call.ts';
import { book, buyer, ledgerStage, network, type LedgerStage } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let stage: LedgerStage;

afterAll(() => database.stop());
beforeEach(() => {
  stage.told.splice(0);
  stage.inSameTransaction = undefined;
});

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = await database.fresh();
  stage = await ledgerStage(db, {
    'table-capped': {
      ...book,
      publishers: new Map([
        [
          'capped',
          { publisher: 'capped', hold: 0, caps: [{ limit: 50_000_000n, per: 'month', campaign: null }] },
        ],
      ]),
    },
    'table-once': {
      ...book,
      buyers: new Map([['brightside', { ...book.buyers.get('brightside')!, oncePerCaller: 86_400_000 }]]),
    },
    'table-sales-once': {
      ...book,
      buyers: new Map([
        [
          'brightside',
          {
            buyer: 'brightside',
            revenue: book.buyers.get('brightside')!.revenue.slice(0, 1),
            oncePerCaller: 86_400_000,
          },
        ],
      ]),
    },
  });
});

/** Connected to brightside for 20 s: billed 10.00, and by 60 % of it to the publisher once 60 s have passed. */
const toBrightside = (given: Parameters<typeof aCall>[0] = {}) =>
  aCall({ table: 'table-c', campaign: 'roofing', buyer: 'brightside', talk: 20_000, ...given });

async function loaded(given: Parameters<typeof aCall>[0] = {}): Promise<CallRecord> {
  const call = toBrightside(given);
  await stage.load(call);
  return call;
}

const report = (call: string, given: Partial<ConversionReport> = {}) =>
  stage.reportConversion({
    ...{ call, key: 'order-1', name: 'sale', amount: '120.00', by: buyer('brightside'), happenedAt: null },
    ...given,
  });

const owed = async (publisher: string) => -((await stage.balance())[`payable ${publisher}`] ?? 0n);
const conversions = (call: string) =>
  stage.db.selectFrom('conversions').selectAll().where('call_id', '=', call).execute();

describe('a conversion that is reported', () => {
  it('is evaluated under the terms of the call; the difference is posted, each line naming the one before', async () => {
    const { call, endedAt } = await loaded();
    const before = await stage.lines(call);
    expect(await report(call)).toMatchObject({
      ok: true,
      result: 'recorded',
      revision: 1,
      worth: { revenue: 60_000_000n, payout: 36_000_000n, currency: 'USD' },
    });
    expect(await stage.call(call)).toMatchObject({
      revenue: 60_000_000n,
      payout: 36_000_000n,
      converted: true,
    });
    const posted = (await stage.lines(call)).slice(before.length);
    const nameOf = (account: string) => before.find((line) => line.account === account)!.id;
    const common = {
      kind: 'conversion',
      reference: 'order-1/1',
      campaign: 'roofing',
      currency: 'USD',
      at: stage.now,
      made_by: 'buyer:brightside',
      why: 'sale 120.00 reported as order-1',
    };
    expect(posted).toMatchObject([
      {
        ...common,
        account: 'receivable',
        party: 'brightside',
        amount: 50_000_000n,
        corrects: nameOf('receivable'),
      },
      {
        ...{ ...common, account: 'payable', party: 'clickwise', amount: -30_000_000n },
        corrects: nameOf('payable'),
        payable_at: new Date(endedAt + 7 * 86_400_000),
      },
      { ...common, account: 'margin', party: 'network', amount: -20_000_000n, corrects: nameOf('margin') },
    ]);
  });

  it('is told in its own transaction and once it is committed; where telling fails, nothing is written', async () => {
    const { call } = await loaded();
    stage.inSameTransaction = () => Promise.reject(new Error('no room in the outbox'));
    await expect(report(call)).rejects.toThrow('no room in the outbox');
    expect(stage.told).toEqual([]);
    expect(await stage.lines(call)).toHaveLength(3);
    stage.inSameTransaction = async (trx, { call: of }) => {
      // What the outbox reads is what the correction wrote.
      const { n } = await trx
        .selectFrom('ledger_entries')
        .select((row) => row.fn.countAll<bigint>().as('n'))
        .where('call_id', '=', of)
        .executeTakeFirstOrThrow();
      expect(n).toBe(6n);
    };
    expect(await report(call)).toMatchObject({ ok: true, result: 'recorded' });
    expect(stage.told).toMatchObject([
      {
        call,
        kind: 'conversion',
        reference: 'order-1/1',
        revenue: 50_000_000n,
        payout: 30_000_000n,
        publisher: 'clickwise',
      },
    ]);
  });

  it('changes nothing when it is reported again, and is revised by another under its key', async () => {
    const { call } = await loaded();
    await report(call);
    expect(await report(call, { happenedAt: stage.now })).toMatchObject({
      ok: true,
      result: 'unchanged',
      revision: 1,
    });
    expect(await stage.lines(call)).toHaveLength(6);
    expect(await report(call, { amount: '100.00' })).toMatchObject({
      ...{ ok: true, result: 'revised', revision: 2 },
      worth: { revenue: 50_000_000n, payout: 30_000_000n },
    });
    expect(await report(call)).toMatchObject({
      result: 'revised',
      revision: 3,
      worth: { revenue: 60_000_000n },
    });
    expect(await stage.lines(call)).toHaveLength(12);
    expect(await stage.balance(call)).toEqual({
      'margin network': -24_000_000n,
      'payable clickwise': -36_000_000n,
      'receivable brightside': 60_000_000n,
    });
  });

  it('adds to others of its name, and is withdrawn by a revision under another name', async () => {
    const { call } = await loaded();
    await report(call);
    expect(await report(call, { key: 'order-2', amount: '80.00' })).toMatchObject({
      worth: { revenue: 100_000_000n },
    });
    await report(call, { key: 'order-1', name: 'cancelled', amount: null });
    expect(await report(call, { key: 'order-2', name: 'cancelled', amount: null })).toMatchObject({
      worth: { revenue: 10_000_000n, payout: 6_000_000n },
    });
    expect((await stage.call(call)).revenue).toBe(10_000_000n);
  });

  it('that no rule asks for is kept, and moves no money', async () => {
    const { call } = await loaded();
    expect(await report(call, { name: 'appointment', amount: null })).toMatchObject({
      ...{ ok: true, result: 'recorded', corrected: null },
    });
    expect(await stage.lines(call)).toHaveLength(3);
    expect(stage.told).toEqual([]);
  });

  it('is one, whoever of twenty at once was first', async () => {
    const { call } = await loaded();
    const reports = await Promise.all(Array.from({ length: 20 }, () => report(call)));
    expect(reports.map((one) => (one.ok ? one.result : one.reason)).sort()).toEqual([
      'recorded',
      ...Array.from({ length: 19 }, () => 'unchanged'),
    ]);
    expect(await stage.lines(call)).toHaveLength(6);
    expect(await conversions(call)).toHaveLength(1);
  });

  it('is cut by payout caps: to what is left beside other calls', async () => {
    const [first, second] = [
      toBrightside({ table: 'table-capped', publisher: 'capped' }),
      toBrightside({ table: 'table-capped', publisher: 'capped' }),
    ];
    await stage.load(first, second);
    expect(await report(first.call)).toMatchObject({ worth: { payout: 36_000_000n } });
    expect(await report(second.call)).toMatchObject({ worth: { revenue: 60_000_000n, payout: 14_000_000n } });
    expect(await owed('capped')).toBe(50_000_000n);
    // Of what it was granted itself it loses nothing.
    expect(await report(first.call, { amount: '119.00' })).toMatchObject({ worth: { payout: 35_700_000n } });
  });

  it('bills no caller twice', async () => {
    const calls = [0, 1].map(() => toBrightside({ table: 'table-once', from: '+13105550001' }));
    await stage.load(...calls);
    expect((await stage.call(calls[1]!.call)).revenue).toBe(0n);
    expect(await report(calls[0]!.call)).toMatchObject({ worth: { revenue: 60_000_000n } });
    expect(await report(calls[1]!.call)).toMatchObject({ worth: { revenue: 0n }, corrected: null });
  });

  it('that comes to nothing, for the caller was billed before, makes the call convert, and that is told', async () => {
    const from = '+13105550002';
    const calls = [0, 1].map(() => toBrightside({ table: 'table-sales-once', from }));
    await stage.load(...calls);
    const posted: Corrected[] = [];
    stage.inSameTransaction = (_trx, corrected) => Promise.resolve(void posted.push(corrected));
    for (const { call } of calls) await report(call);
    expect(stage.told).toMatchObject([
      { call: calls[0]!.call, caller: from, converted: 1, revenue: 60_000_000n },
      { call: calls[1]!.call, caller: from, converted: 1, revenue: 0n, payout: 0n },
    ]);
    // Of a posting there was none to tell of the second time.
    expect(posted.map(({ call }) => call)).toEqual([calls[0]!.call]);
  });

  it('of a call that a bid bought pays the bid', async () => {
    const call = toBrightside();
    await stage.load({ ...call, attempts: call.attempts.map((attempt) => ({ ...attempt, bid: '70.00' })) });
    expect((await stage.call(call.call)).revenue).toBe(70_000_000n);
    expect(await report(call.call)).toMatchObject({ corrected: null, worth: { revenue: 70_000_000n } });
  });
});

describe('refused, and nothing is changed', () => {
  const refusals: readonly (readonly [string, Partial<ConversionReport>])[] = [
    ['unknown_call', { call: 'no-such-call' }],
    ['not_this_buyer', { by: buyer('sunrise') }],
    ['bad_amount', { amount: '-1.00' }],
    ['bad_amount', { amount: '1000000000.01' }],
    ['bad_amount', { amount: '99999999999999999999' }],
    ['bad_amount', { amount: '1e3' }],
    ['bad_amount', { amount: '12,50' }],
    ['bad_amount', { amount: '' }],
    ['bad_key', { key: '' }],
    ['bad_key', { key: 'two words' }],
    ['bad_key', { key: 'x'.repeat(129) }],
    ['bad_key', { key: 'null\u0000' }],
    ['bad_name', { name: 'a sale' }],
    ['bad_name', { name: '' }],
    ['bad_time', { happenedAt: new Date('2026-03-10T12:05:01Z') }],
    ['bad_time', { happenedAt: new Date('2026-03-01T00:00:00Z') }],
    ['bad_time', { happenedAt: new Date(NaN) }],
  ];
  test.each(refusals)('%s: %j', async (reason, given) => {
    const { call } = await loaded();
    const refused = await report(call, given);
    expect(refused).toMatchObject({ ok: false, reason });
    expect(await stage.lines(call)).toHaveLength(3);
    expect(await conversions(call)).toEqual([]);
  });

  it('where nobody was connected', async () => {
    const { call } = await loaded({ connectedAt: null, buyer: null });
    expect(await report(call, { by: network })).toMatchObject({ ok: false, reason: 'not_connected' });
  });

  it('where the terms are not known', async () => {
    const { call } = await loaded({ table: 'lost' });
    expect(await report(call)).toMatchObject({ ok: false, reason: 'unknown_terms' });
  });

  it('once the lines of the call stand in a closed statement, but for what was reported before', async () => {
    const { call } = await loaded();
    await report(call);
    const [line] = await stage.lines(call);
    await stage.db
      .insertInto('statements')
      .values({
        ...{ id: 'march', account: 'receivable', party: 'brightside', currency: 'USD', month: '2026-03' },
        ...{
          period_from: new Date('2026-03-01'),
          period_to: new Date('2026-04-01'),
          total: 0n,
          closed_by: 'me',
        },
      })
      .execute();
    await stage.db
      .insertInto('statement_lines')
      .values({ entry_id: line!.id, statement_id: 'march' })
      .execute();
    const lines = await stage.lines(call);
    expect(await report(call, { amount: '1.00' })).toMatchObject({
      ...{ ok: false, reason: 'statement_closed', message: expect.stringContaining('march') },
    });
    expect(await report(call, { key: 'order-2' })).toMatchObject({ ok: false, reason: 'statement_closed' });
    expect(await report(call)).toMatchObject({ ok: true, result: 'unchanged' });
    expect(await stage.lines(call)).toEqual(lines);
  });
});

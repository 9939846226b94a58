import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Adjustment } from '../../src/records/ledger/adjust.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage, network, type LedgerStage } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let stage: LedgerStage;

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = await database.fresh();
  stage = await ledgerStage(db);
});
afterAll(() => database.stop());

let keys = 0;
const adjust = (given: Partial<Adjustment> = {}) =>
  stage.adjust({
    key: `key-${(keys += 1)}`,
    party: { kind: 'publisher', name: 'clickwise' },
    ...{
      amount: '12.50',
      by: 'mara',
      why: 'the bonus of March',
      call: null,
      campaign: null,
      currency: 'USD',
    },
    named: { party: true, campaign: true },
    ...given,
  });

async function sold(): Promise<string> {
  const call = aCall({ table: 'table-c', buyer: 'helio' });
  await stage.load(call);
  return call.call;
}

const under = async (key: string) => (await stage.lines(null)).filter(({ reference }) => reference === key);

describe('an adjustment', () => {
  it('for a publisher is against the margin, with who and why, and payable at once', async () => {
    expect(await adjust({ key: 'bonus', campaign: 'solar' })).toMatchObject({ ok: true, result: 'adjusted' });
    const told = {
      kind: 'adjustment',
      campaign: 'solar',
      currency: 'USD',
      made_by: 'mara',
      why: 'the bonus of March',
    };
    expect(await under('bonus')).toMatchObject([
      {
        ...told,
        account: 'payable',
        party: 'clickwise',
        amount: -12_500_000n,
        corrects: null,
        payable_at: stage.now,
      },
      { ...told, account: 'margin', party: 'network', amount: 12_500_000n, payable_at: null },
    ]);
    expect(stage.told.at(-1)).toMatchObject({
      call: null,
      publisher: 'clickwise',
      buyer: null,
      payout: 12_500_000n,
      revenue: 0n,
    });
  });

  it('from a buyer is a debit of its; below zero it is given back', async () => {
    await adjust({ key: 'credit', party: { kind: 'buyer', name: 'helio' }, amount: '-5' });
    expect(await under('credit')).toMatchObject([
      { account: 'receivable', party: 'helio', amount: -5_000_000n },
      { account: 'margin', party: 'network', amount: 5_000_000n },
    ]);
  });

  it('of a call corrects none of its lines, and no correction of the call takes it back', async () => {
    const call = await sold();
    await adjust({ call });
    const posted = (await stage.lines(call)).slice(3);
    expect(posted).toMatchObject([
      { account: 'payable', corrects: null },
      { account: 'margin', corrects: null },
    ]);
    expect(await stage.call(call)).toMatchObject({ payout: 30_000_000n });
    const dispute = await stage.openDispute({ call, reason: 'a wrong number', by: network });
    if (!dispute.ok) throw new Error(dispute.message);
    await stage.decideDispute({
      dispute: dispute.dispute,
      decision: { state: 'accepted' },
      by: 'mara',
      why: 'it was',
    });
    expect(await stage.balance(call)).toEqual({
      'margin network': 12_500_000n,
      'payable clickwise': -12_500_000n,
    });
  });

  it('asked for twice, or twenty times at once, is made once; another is not made under its key', async () => {
    const asked = { key: 'once', amount: '1.00' };
    const results = await Promise.all(Array.from({ length: 20 }, () => adjust(asked)));
    expect(results.map((one) => (one.ok ? one.result : one.reason)).sort()).toEqual([
      'adjusted',
      ...Array.from({ length: 19 }, () => 'unchanged'),
    ]);
    expect(await under('once')).toHaveLength(2);
    expect(await adjust({ ...asked, amount: '2.00' })).toMatchObject({ ok: false, reason: 'key_taken' });
    expect(await adjust({ ...asked, call: await sold() })).toMatchObject({ ok: false, reason: 'key_taken' });
    expect(await adjust({ ...asked, party: { kind: 'buyer', name: 'helio' } })).toMatchObject({
      reason: 'key_taken',
    });
    expect(await under('once')).toHaveLength(2);
  });

  it('knows a party that the config no longer names by its lines', async () => {
    await sold();
    const named = { party: false, campaign: true };
    expect(await adjust({ named })).toMatchObject({ ok: true });
    expect(await adjust({ named, party: { kind: 'publisher', name: 'clickwsie' } })).toMatchObject({
      reason: 'unknown_party',
    });
  });
});

const refusals: readonly (readonly [string, Partial<Adjustment>])[] = [
  ['bad_amount', { amount: '0.00' }],
  ['bad_amount', { amount: '0.005' }],
  ['bad_amount', { amount: '1000000000.01' }],
  ['bad_amount', { amount: 'ten' }],
  ['bad_amount', { amount: '0.5', currency: 'JPY' }],
  ['bad_key', { key: 'a key' }],
  ['bad_why', { why: '' }],
  ['unknown_call', { call: 'no-such-call' }],
  ['unknown_campaign', { campaign: 'solr', named: { party: true, campaign: false } }],
];
test.each(refusals)('%s: %j', async (reason, given) => {
  const before = await stage.lines(null);
  expect(await adjust(given)).toMatchObject({ ok: false, reason });
  expect(await stage.lines(null)).toEqual(before);
});

test('not_of_this_call', async () => {
  const call = await sold();
  expect(await adjust({ call, party: { kind: 'publisher', name: 'other' } })).toMatchObject({
    reason: 'not_of_this_call',
  });
  expect(await adjust({ call, party: { kind: 'buyer', name: 'sunrise' } })).toMatchObject({
    reason: 'not_of_this_call',
  });
  expect(await adjust({ call, campaign: 'roofing' })).toMatchObject({ reason: 'not_of_this_call' });
});

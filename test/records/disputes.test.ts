import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../src/records/events.ts';
import type { Decision } from '../../src/records/ledger/decide-dispute.ts';
import { formatMoney } from '../../src/settlement/money.ts';
import { aCall } from './support/a-call.ts';
import { buyer, ledgerStage, network, type LedgerStage } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let stage: LedgerStage;

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = await database.fresh();
  stage = await ledgerStage(db);
});
afterAll(() => database.stop());
beforeEach(() => {
  stage.now = new Date('2026-03-10T12:00:00Z');
  stage.told.splice(0);
});

/** Sold to helio at 38.00, of which solar pays 30.00, roofing 60 %. */
async function sold(given: Parameters<typeof aCall>[0] = {}): Promise<CallRecord> {
  const call = aCall({ table: 'table-c', buyer: 'helio', ...given });
  await stage.load(call);
  return call;
}

const open = (call: string, by = buyer('helio')) => stage.openDispute({ call, reason: 'a wrong number', by });

async function opened(call: string): Promise<string> {
  const dispute = await open(call);
  if (!dispute.ok) throw new Error(dispute.message);
  return dispute.dispute;
}

const decide = (dispute: string, decision: Decision) =>
  stage.decideDispute({ dispute, decision, by: 'mara', why: 'heard the recording' });

describe('a dispute that is accepted', () => {
  it('takes back the revenue and the payout, each line naming the one before', async () => {
    const { call } = await sold();
    const before = await stage.lines(call);
    const dispute = await opened(call);
    expect(await decide(dispute, { state: 'accepted' })).toMatchObject({
      ...{ ok: true, call, state: 'accepted', worth: { revenue: 0n, payout: 0n } },
    });
    expect(await stage.balance(call)).toEqual({});
    const posted = (await stage.lines(call)).slice(before.length);
    expect(posted).toHaveLength(before.length);
    for (const line of posted) {
      const corrected = before.find(({ id }) => id === line.corrects)!;
      expect(corrected).toMatchObject({ account: line.account, party: line.party, amount: -line.amount });
      expect(line).toMatchObject({
        kind: 'dispute',
        reference: dispute,
        made_by: 'mara',
        why: 'heard the recording',
      });
    }
    expect(await stage.call(call)).toMatchObject({
      ...{ revenue: 0n, payout: 0n, margin: 0n, converted: true },
      revenue_reason: 'dispute accepted (a wrong number): 0.00 of 38.00 remains',
      payout_reason: 'dispute accepted: 0.00 of 30.00 remains',
    });
    expect(stage.told).toMatchObject([
      { call, kind: 'dispute', revenue: -38_000_000n, payout: -30_000_000n },
    ]);
  });

  it('leaves the payout to the publisher where the network bears it', async () => {
    const { call } = await sold({ campaign: 'roofing' });
    await decide(await opened(call), { state: 'accepted' });
    expect(await stage.balance(call)).toEqual({
      'margin network': 22_800_000n,
      'payable clickwise': -22_800_000n,
    });
    expect((await stage.call(call)).payout_reason).toContain('the network bears the dispute');
  });

  it('in part takes back the same part of both', async () => {
    const { call } = await sold();
    expect(await decide(await opened(call), { state: 'partly', remains: '12.67' })).toMatchObject({
      // 25.33 of 38.00 are taken back: 19.997… of 30.00.
      ...{ ok: true, state: 'partly', worth: { revenue: 12_670_000n, payout: 10_000_000n } },
    });
    expect(await stage.balance(call)).toEqual({
      'margin network': -2_670_000n,
      'payable clickwise': -10_000_000n,
      'receivable helio': 12_670_000n,
    });
    const [view] = await stage.listDisputes({ call, limit: 10 });
    expect(view).toMatchObject({
      state: 'partly',
      remains: '12.67',
      revenue: '12.67',
      currency: 'USD',
      decided_by: 'mara',
    });
  });

  it('and refused moves nothing', async () => {
    const { call } = await sold();
    const dispute = await opened(call);
    expect(await decide(dispute, { state: 'refused' })).toMatchObject({ ok: true, corrected: null });
    expect(await stage.lines(call)).toHaveLength(3);
    expect(await decide(dispute, { state: 'accepted' })).toMatchObject({
      ok: false,
      reason: 'already_decided',
    });
    expect(await stage.lines(call)).toHaveLength(3);
  });

  it('nets every call to zero, whatever became of it before; in part leaves what remains', async () => {
    const cents = fc.integer({ min: 0, max: 20_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('solar', 'roofing'),
        fc.array(fc.record({ key: fc.constantFrom('a', 'b'), cents }), { maxLength: 4 }),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
        async (campaign, reports, part) => {
          const { call } = await sold({ campaign, buyer: 'brightside' });
          for (const { key, cents } of reports) {
            const amount = formatMoney(BigInt(cents) * 10_000n);
            const told = { call, key, name: 'sale', amount, by: network, happenedAt: null };
            expect(await stage.reportConversion(told)).toMatchObject({ ok: true });
          }
          const stood = await stage.call(call);
          if (stood.revenue === 0n) {
            expect(await open(call, network)).toMatchObject({ ok: false, reason: 'not_billed' });
            return;
          }
          const dispute = await open(call, network);
          if (!dispute.ok) throw new Error(dispute.message);
          const remains = BigInt(Math.floor(Number(stood.revenue / 10_000n) * (part ?? 0))) * 10_000n;
          const inPart = part !== null && remains > 0n && remains < stood.revenue;
          const decision: Decision = inPart
            ? { state: 'partly', remains: formatMoney(remains) }
            : { state: 'accepted' };
          expect(await decide(dispute.dispute, decision)).toMatchObject({ ok: true });

          const left = inPart ? remains : 0n;
          const balance = await stage.balance(call);
          const { revenue, payout, margin } = await stage.call(call);
          expect(revenue).toBe(left);
          expect(balance['receivable brightside'] ?? 0n).toBe(left);
          expect(balance['payable clickwise'] ?? 0n).toBe(-payout);
          expect(balance['margin network'] ?? 0n).toBe(-margin);
          expect(Object.values(balance).reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
          if (campaign === 'roofing') expect(payout).toBe(stood.payout);
          else if (!inPart) expect(balance).toEqual({});
          else
            expect(Math.abs(Number(payout * stood.revenue - stood.payout * remains))).toBeLessThanOrEqual(
              Number(5_000n * stood.revenue),
            );
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('refused', () => {
  it('a second one while the first is open; after its decision another may be opened', async () => {
    const { call } = await sold();
    const results = await Promise.all(Array.from({ length: 8 }, () => open(call)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const [first] = await stage.listDisputes({ call, limit: 10 });
    expect(results.find(({ ok }) => !ok)).toMatchObject({
      ...{ reason: 'already_open', message: expect.stringContaining(first!.id) },
    });
    await decide(first!.id, { state: 'refused' });
    expect(await open(call)).toMatchObject({ ok: true });
  });

  it('of another buyer, of no call, of a call that nobody paid for, without a reason', async () => {
    const { call } = await sold();
    expect(await open(call, buyer('sunrise'))).toMatchObject({ ok: false, reason: 'not_this_buyer' });
    expect(await open('no-such-call')).toMatchObject({ ok: false, reason: 'unknown_call' });
    const short = await sold({ talk: 5_000 });
    expect(await open(short.call)).toMatchObject({
      ...{ ok: false, reason: 'not_billed', message: expect.stringContaining('connected 5 s') },
    });
    for (const reason of ['', '  ', 'two\nlines', 'x'.repeat(501)])
      expect(await stage.openDispute({ call, reason, by: network })).toMatchObject({ reason: 'bad_reason' });
    expect(await stage.listDisputes({ call, limit: 10 })).toEqual([]);
  });

  it('later than the campaign allows, to the millisecond', async () => {
    const { call, endedAt } = await sold();
    const last = endedAt + 30 * 86_400_000;
    stage.now = new Date(last + 1);
    expect(await open(call)).toMatchObject({ ok: false, reason: 'too_late' });
    stage.now = new Date(last);
    expect(await open(call)).toMatchObject({ ok: true });
    const roofing = await sold({ campaign: 'roofing' });
    stage.now = new Date(roofing.endedAt + 10 * 365 * 86_400_000);
    expect(await open(roofing.call)).toMatchObject({ ok: true });
  });

  it('a decision on none, without a why, or that leaves an amount which cannot remain', async () => {
    const { call } = await sold();
    const dispute = await opened(call);
    expect(await decide('none', { state: 'accepted' })).toMatchObject({ reason: 'unknown_dispute' });
    for (const remains of ['0.00', '38.00', '38.01', '-1.00', '1.005', 'half', ''])
      expect(await decide(dispute, { state: 'partly', remains })).toMatchObject({ reason: 'bad_amount' });
    expect(
      await stage.decideDispute({ dispute, decision: { state: 'accepted' }, by: 'mara', why: ' ' }),
    ).toMatchObject({
      reason: 'bad_why',
    });
    expect(await stage.listDisputes({ state: 'open', call, limit: 10 })).toHaveLength(1);
    expect(await stage.lines(call)).toHaveLength(3);
  });

  it('a conversion, once a dispute has settled what the call is worth', async () => {
    const { call } = await sold({ buyer: 'brightside' });
    const dispute = await open(call, network);
    if (!dispute.ok) throw new Error(dispute.message);
    const told = { call, key: 'a', name: 'sale', amount: '90.00', by: network, happenedAt: null };
    await decide(dispute.dispute, { state: 'accepted' });
    expect(await stage.reportConversion(told)).toMatchObject({ ok: false, reason: 'disputed' });
    expect(await stage.balance(call)).toEqual({});
  });
});

it('disputes are listed newest first, by state, buyer and call', async () => {
  const [first, second] = [await sold({ buyer: 'sunrise' }), await sold({ buyer: 'sunrise' })];
  const older = await open(first.call, network);
  stage.now = new Date(stage.now.getTime() + 1000);
  const newer = await open(second.call, network);
  if (!older.ok || !newer.ok) throw new Error('not opened');
  await decide(older.dispute, { state: 'refused' });
  const ids = async (query: object) =>
    (await stage.listDisputes({ limit: 10, ...query })).map(({ id }) => id);
  expect(await ids({ buyer: 'sunrise' })).toEqual([newer.dispute, older.dispute]);
  expect(await ids({ buyer: 'sunrise', limit: 1 })).toEqual([newer.dispute]);
  expect(await ids({ buyer: 'sunrise', state: 'open' })).toEqual([newer.dispute]);
  expect(await ids({ call: first.call })).toEqual([older.dispute]);
});

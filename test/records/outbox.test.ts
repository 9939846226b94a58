/** What is written to the outbox: with what it tells of, once, and to each no more than is its business. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallRecord, JournalEvent } from '../../src/records/events.ts';
import { afterTheCall } from '../../src/records/ledger/after-the-call.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch, type InTransaction } from '../../src/records/loader/load-batch.ts';
import type { Records } from '../../src/records/open-records.ts';
import { callEvents, type Owner, type Subscription } from '../../src/records/outbox/subscription.ts';
import { tellOfCalls } from '../../src/records/outbox/tell-of-calls.ts';
import { tellOfCorrections } from '../../src/records/outbox/tell-of-corrections.ts';
import { aCall, ended, offered, tableEvents } from './support/a-call.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
let seq = 0;
let journal = '';

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  seq = 0;
  journal = 'a-journal';
});

const subscription = (owner: Owner, given: Partial<Subscription> = {}): Subscription => ({
  id: `ep_${owner.kind}`,
  owner,
  events: callEvents,
  caller: owner.kind === 'publisher' ? 'masked' : 'full',
  attributes: [],
  ...given,
});
const toNetwork = subscription({ kind: 'network' });
const toClickwise = subscription({ kind: 'publisher', name: 'clickwise' });
const toSunrise = subscription({ kind: 'buyer', name: 'sunrise' });
const toAll = [toNetwork, toClickwise, toSunrise];

/** A call of an hour ago, with all that the journal says of it. */
function lifeOf(given: Parameters<typeof aCall>[0] = {}): { record: CallRecord; life: JournalEvent[] } {
  const startedAt = Date.now() - 3_600_000;
  const record = aCall({ startedAt, ...given });
  const { call, connectedAt, buyer, plan, leftOut } = record;
  const attributes = { ...record.attributes, 'ivr.zip': '75001' };
  const life: JournalEvent[] = [
    offered(record),
    { type: 'routed', at: startedAt + 500, call, attributes, plan, leftOut },
  ];
  if (connectedAt !== null && buyer !== null) life.push({ type: 'connected', at: connectedAt, call, buyer });
  return { record, life: [...life, ended({ ...record, attributes })] };
}

async function load(
  events: readonly JournalEvent[],
  subscriptions: readonly Subscription[] = toAll,
  also: InTransaction = tellOfCalls(() => subscriptions),
): Promise<void> {
  const entries = events.map((event) => ({ seq: (seq += 1), event }));
  await loadBatch(records.db, journal, entries, new KnownTerms(), { also });
}

interface Told {
  readonly id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly owner: string;
  readonly data: Record<string, unknown>;
  readonly body: string;
}

async function told(endpoint?: string): Promise<readonly Told[]> {
  const rows = await records.db.selectFrom('webhook_deliveries').selectAll().orderBy('seq').execute();
  return rows
    .filter((row) => endpoint === undefined || row.endpoint === endpoint)
    .map(({ id, endpoint: at, owner, body }) => {
      const { type, data } = JSON.parse(body!) as { type: string; data: Record<string, unknown> };
      return { id, type, endpoint: at, owner, data, body: body! };
    });
}

const types = (rows: readonly Told[]): string[] => rows.map(({ type }) => type);

describe('a call', () => {
  it('is told to the network whole, to publisher and buyer as far as it is their business', async () => {
    const { record, life } = lifeOf({ from: '+12145550123' });
    await load([...tableEvents(), ...life]);
    const [started, connected, end, settled] = await told('ep_network');
    expect(types(await told('ep_network'))).toEqual(callEvents.slice(0, 4));
    expect(started!.data).toEqual({
      call: record.call,
      campaign: 'solar',
      carrier: 'voxlink',
      buyer: null,
      publisher: 'clickwise',
      source: 'google-ads',
      to: '+18005550100',
      from: '+12145550123',
      started_at: new Date(record.startedAt).toISOString(),
      connected_at: null,
      attributes: {},
    });
    expect(connected!.data).toMatchObject({
      buyer: 'sunrise',
      connected_at: new Date(record.connectedAt!).toISOString(),
    });
    expect(end!.data).toMatchObject({ outcome: 'connected', cause: 'caller_hangup', connected_ms: 95_000 });
    expect(settled!.data).toMatchObject({
      ...{ currency: 'USD', revenue: '45.00', payout: '30.00', margin: '15.00', converted: true },
      revenue_reason: 'connected 95 s: connected at least 90 s',
    });

    expect(types(await told('ep_publisher'))).toEqual(callEvents.slice(0, 4));
    const paid = (await told('ep_publisher')).at(-1)!;
    expect(Object.keys(paid.data).toSorted()).toEqual(
      [
        ...['answered_at', 'attributes', 'call', 'campaign', 'cause', 'connected_at', 'connected_ms'],
        ...['currency', 'ended_at', 'from', 'hung_up_by', 'outcome', 'payout', 'payout_reason'],
        ...['publisher', 'source', 'started_at', 'to'],
      ].toSorted(),
    );
    expect(paid.data).toMatchObject({ from: '+1214***', payout: '30.00' });

    expect(types(await told('ep_buyer'))).toEqual(callEvents.slice(1, 4));
    const billed = (await told('ep_buyer')).at(-1)!;
    expect(Object.keys(billed.data).toSorted()).toEqual(
      [
        ...['answered_at', 'attributes', 'buyer', 'call', 'campaign', 'cause', 'connected_at'],
        ...['connected_ms', 'converted', 'currency', 'ended_at', 'from', 'hung_up_by', 'outcome'],
        ...['revenue', 'revenue_reason', 'started_at'],
      ].toSorted(),
    );
    for (const { body } of await told('ep_publisher')) expect(body).not.toMatch(/sunrise|45\.00|15\.00/);
    for (const { body } of await told('ep_buyer'))
      expect(body).not.toMatch(/clickwise|30\.00|google|8005550100/);
  });

  it('tells no attribute that was not asked for, and those that were as soon as they are known', async () => {
    const { life } = lifeOf();
    await load([...tableEvents(), ...life], [toNetwork, { ...toSunrise, attributes: ['ivr.zip', 'ivr.no'] }]);
    for (const { body } of await told('ep_network')) expect(body).not.toContain('75001');
    expect((await told('ep_buyer')).map(({ data }) => data['attributes'])).toEqual(
      Array(3).fill({ 'ivr.zip': '75001' }),
    );
  });

  it('is told though its lines come in batches of one, to loaders that know nothing of each other', async () => {
    const { record, life } = lifeOf();
    const waiting = () => records.db.selectFrom('webhook_calls').select('call_id').execute();
    for (const event of [...tableEvents(), ...life.slice(0, -1)]) await load([event]);
    expect(await waiting()).toEqual([{ call_id: record.call }]);
    await load(life.slice(-1));
    expect(types(await told('ep_network'))).toEqual(callEvents.slice(0, 4));
    expect((await told('ep_buyer'))[0]).toMatchObject({
      type: 'call.connected',
      data: { campaign: 'solar' },
    });
    expect(await waiting()).toEqual([]);
  });

  it('of another buyer or publisher is none of theirs, and one that nobody took is no buyer’s', async () => {
    await load([...tableEvents(), ...lifeOf({ buyer: 'helio', publisher: 'homeleads' }).life]);
    await load(lifeOf({ buyer: null, connectedAt: null, publisher: 'homeleads' }).life);
    expect(await told('ep_buyer')).toEqual([]);
    expect(await told('ep_publisher')).toEqual([]);
    expect((await told('ep_network')).length).toBe(7);
  });

  it('tells a publisher why its share is nothing, not why the buyer does not pay', async () => {
    await load([...tableEvents(), ...lifeOf({ buyer: 'sunrise', talk: 75_000 }).life]);
    const { data, body } = (await told('ep_publisher')).at(-1)!;
    expect(data).toMatchObject({ payout: '0.00', payout_reason: 'a share of no revenue (rule 2 of 2)' });
    expect(body).not.toContain('needs 90 s');
  });
});

describe('once', () => {
  it('though the journal is loaded anew, by another loader and under another name', async () => {
    const { life } = lifeOf();
    await load([...tableEvents(), ...life]);
    const before = await told();
    seq = 0;
    journal = 'the-same-by-another-name';
    await load([...tableEvents(), ...life]);
    expect(await told()).toEqual(before);
    expect(new Set(before.map(({ id }) => id)).size).toBe(before.length);
    for (const { id } of before) expect(id).toMatch(/^evt_[0-9a-f]{32}$/);
  });

  it('or not at all: what is rolled back with the batch was never written', async () => {
    const { life } = lifeOf();
    const tell = tellOfCalls(() => toAll);
    const dying: InTransaction = async (trx, loaded) => {
      await tell(trx, loaded);
      throw new Error('killed before the commit');
    };
    await expect(load([...tableEvents(), ...life], toAll, dying)).rejects.toThrow('killed');
    expect(await told()).toEqual([]);
    seq = 0;
    await load([...tableEvents(), ...life]);
    expect((await told()).length).toBe(11);
  });

  it('and what comes a week late is told to nobody: its row may have been let go of', async () => {
    await load([...tableEvents(), ...lifeOf({ startedAt: Date.now() - 7.1 * 86_400_000 }).life]);
    expect(await told()).toEqual([]);
  });

  it('for each of two endpoints with one URL', async () => {
    await load([...tableEvents(), ...lifeOf().life], [toNetwork, { ...toNetwork, id: 'ep_again' }]);
    const ids = (await told()).map(({ id }) => id);
    expect(ids.length).toBe(8);
    expect(new Set(ids).size).toBe(8);
  });

  it('a connection to each buyer, where the first hung up at once', async () => {
    const { record, life } = lifeOf({ buyer: 'helio' });
    const first: JournalEvent = {
      ...{ type: 'connected', at: record.connectedAt! - 1000, call: record.call, buyer: 'sunrise' },
    };
    await load([...tableEvents(), ...life.slice(0, 2), first, ...life.slice(2)]);
    expect(types(await told('ep_buyer'))).toEqual(['call.connected']);
    expect(types(await told('ep_network')).filter((type) => type === 'call.connected').length).toBe(2);
  });
});

it('an endpoint that has gone is written nothing', async () => {
  await records.db
    .insertInto('webhook_endpoints')
    .values({ endpoint: 'ep_buyer', gone_at: new Date() })
    .execute();
  await load([...tableEvents(), ...lifeOf().life]);
  expect(await told('ep_buyer')).toEqual([]);
  expect((await told()).length).toBe(8);
});

it('a line that names no time keeps no call out of the records, and is not told', async () => {
  const { record, life } = lifeOf();
  const timeless: JournalEvent = { ...offered(aCall()), at: Number.NaN };
  await load([...tableEvents(), timeless, ...life]);
  expect(await records.db.selectFrom('calls').select('id').execute()).toEqual([{ id: record.call }]);
  expect((await told('ep_network')).length).toBe(4);
});

describe('a correction', () => {
  const after = (subscriptions = toAll) =>
    afterTheCall({
      ...{ db: records.db, terms: new KnownTerms(), now: () => new Date() },
      inSameTransaction: tellOfCorrections(() => subscriptions),
    });
  const corrections = async (endpoint: string) =>
    (await told(endpoint)).filter(({ type }) => type === 'call.corrected');

  it('is told with what it changed and what stands now', async () => {
    const { record, life } = lifeOf();
    await load([...tableEvents(), ...life]);
    const who = { name: 'buyer:sunrise', buyer: 'sunrise' };
    const opened = await after().openDispute({ call: record.call, reason: 'wrong number', by: who });
    if (!opened.ok) throw new Error(opened.message);
    const decided = await after().decideDispute({
      ...{ dispute: opened.dispute, by: 'ann', why: 'listened to it' },
      decision: { state: 'accepted' },
    });
    expect(decided.ok).toBe(true);
    const [whole, ...more] = await corrections('ep_network');
    expect(more).toEqual([]);
    expect(whole!.data).toMatchObject({
      ...{ call: record.call, kind: 'dispute', reference: opened.dispute, by: 'ann', why: 'listened to it' },
      ...{ revenue_change: '-45.00', payout_change: '-30.00', margin_change: '-15.00' },
      ...{ revenue: '0.00', payout: '0.00', margin: '0.00' },
    });
    const [publishers] = await corrections('ep_publisher');
    expect(publishers!.data).toMatchObject({ payout_change: '-30.00', payout: '0.00', from: /\*{4}$/ });
    expect(publishers!.data).toMatchObject({ payout_reason: 'dispute accepted: 0.00 of 30.00 remains' });
    expect(publishers!.body).not.toMatch(/sunrise|ann|45\.00|revenue|wrong number|listened/);
    const [buyers] = await corrections('ep_buyer');
    expect(buyers!.data).toMatchObject({
      ...{ revenue_change: '-45.00', revenue: '0.00' },
      revenue_reason: 'dispute accepted (wrong number): 0.00 of 45.00 remains',
    });
    expect(buyers!.body).not.toMatch(/clickwise|payout|30\.00/);
  });

  it('that is about a call is told to the network with both parties of the call', async () => {
    const { record, life } = lifeOf();
    await load([...tableEvents(), ...life]);
    const adjusted = await after().adjust({
      ...{ key: 'goodwill-1', party: { kind: 'publisher', name: 'clickwise' }, amount: '5.00' },
      ...{ by: 'ann', why: 'goodwill', call: record.call, campaign: null, currency: 'USD' },
      named: { party: true, campaign: true },
    });
    expect(adjusted).toMatchObject({ ok: true });
    expect((await corrections('ep_network')).map(({ data }) => data)).toMatchObject([
      { publisher: 'clickwise', buyer: 'sunrise', revenue_change: null, payout_change: '5.00' },
    ]);
    expect(await corrections('ep_publisher')).toHaveLength(1);
    expect(await corrections('ep_buyer')).toEqual([]);
  });

  it('that is of no call is told to whom it is for', async () => {
    const adjusted = await after().adjust({
      ...{ key: 'bonus-1', party: { kind: 'publisher', name: 'clickwise' }, amount: '5.00' },
      ...{ by: 'ann', why: 'a bonus', call: null, campaign: null, currency: 'USD' },
      named: { party: true, campaign: true },
    });
    expect(adjusted).toMatchObject({ ok: true });
    const [theirs] = await corrections('ep_publisher');
    expect(theirs!.data).toMatchObject({
      call: null,
      kind: 'adjustment',
      payout_change: '5.00',
      why: 'a bonus',
    });
    expect(await corrections('ep_buyer')).toEqual([]);
  });
});

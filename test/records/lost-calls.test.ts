import { describe, expect, it } from 'vitest';
import type { CallRecord, JournalEvent } from '../../src/records/events.ts';
import { listCalls } from '../../src/records/list-calls.ts';
import { closeLostCalls } from '../../src/records/lost-calls.ts';
import { callerHistory, history } from '../../src/records/remembered.ts';
import { aCall, ended, offered, tableEvents } from './support/a-call.ts';
import { recordsStage } from './support/records-stage.ts';

const stage = recordsStage({ segmentBytes: 1000 });

async function loadAll(): Promise<void> {
  await (await stage.loadAll()).stop();
}

const write = async (...events: readonly JournalEvent[]) => {
  for (const event of events) await stage.journal.flushed(stage.journal.append(event));
};

/** All that a call leaves up to its connection, without its end. */
function upToConnected(record: CallRecord): readonly JournalEvent[] {
  const { call } = record;
  const [attempt] = record.plan;
  return [
    offered(record),
    { type: 'answered', at: record.startedAt + 500, call },
    {
      type: 'routed',
      at: record.startedAt + 900,
      call,
      attributes: { ...record.attributes, 'ivr.zip': '75001' },
      plan: record.plan,
      leftOut: record.leftOut,
    },
    { type: 'attempted', at: record.startedAt + 1000, call, attempt: attempt! },
    { type: 'connected', at: record.connectedAt!, call, buyer: 'sunrise' },
  ];
}

describe('calls that a killed switch lost', () => {
  it('end at their last sign of life, and are settled for the time they surely lasted', async () => {
    const record = aCall();
    const lastSign = record.connectedAt! + 92_000;
    await write(
      ...tableEvents(),
      ...upToConnected(record),
      { type: 'alive', at: record.connectedAt! + 50_000, calls: [record.call, 'somebody else'] },
      { type: 'alive', at: lastSign, calls: [record.call] },
    );
    const lost = await closeLostCalls(stage.journal, lastSign + 3_600_000);
    expect(lost).toMatchObject([
      {
        call: record.call,
        outcome: 'connected',
        cause: 'switch_lost',
        hungUpBy: 'switch',
        buyer: 'sunrise',
        endedAt: lastSign,
        answeredAt: record.startedAt + 500,
        attributes: { 'ivr.zip': '75001' },
        attempts: [{ buyer: 'sunrise', result: 'answered', endedAt: lastSign }],
      },
    ]);
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([
      { id: record.call, connected_ms: 92_000, revenue: '45.00', payout: '30.00', cause: 'switch_lost' },
    ]);
  });

  it('keep what the journal knew: SIP’s Call-ID and how the media went; a BYE or an ACK nobody can vouch for', async () => {
    const record = aCall();
    const [begun, ...events] = upToConnected(record);
    const last = events.pop()!;
    await write(...tableEvents(), { ...begun!, sipCallId: 'abc@carrier' } as JournalEvent, ...events, {
      ...last,
      media: 'direct',
    } as JournalEvent);
    const [lost] = await closeLostCalls(stage.journal, Date.now());
    expect(lost).toMatchObject({
      sipCallId: 'abc@carrier',
      media: 'direct',
      byeAt: null,
      acknowledgedAt: null,
    });
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([
      { sip_call_id: 'abc@carrier', media: 'direct', bye_at: null, acknowledged_at: null, rtp: [] },
    ]);
  });

  it('are not billed to a buyer who had hung up early before the next one was tried', async () => {
    const record = aCall();
    const [, answered, routed, attempted, connected] = upToConnected(record);
    const again = record.connectedAt! + 2_000;
    const lastSign = again + 120_000;
    await write(
      ...tableEvents(),
      offered(record),
      ...[answered!, routed!, attempted!, connected!],
      { type: 'attempted', at: again, call: record.call, attempt: { ...record.plan[0]!, buyer: 'helio' } },
      { type: 'alive', at: lastSign, calls: [record.call] },
    );
    expect(await closeLostCalls(stage.journal, Date.now())).toMatchObject([
      {
        outcome: 'failed',
        buyer: null,
        connectedAt: null,
        endedAt: lastSign,
        attempts: [
          { buyer: 'sunrise', answeredAt: record.connectedAt, endedAt: again, result: 'early_hangup' },
          { buyer: 'helio', answeredAt: null, endedAt: lastSign, result: 'cancelled', reason: 'switch_lost' },
        ],
      },
    ]);
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([
      { connected_ms: 0, revenue: '0.00', payout: '0.00' },
    ]);
  });

  it('are billed to the buyer who took the call after another had hung up early', async () => {
    const record = aCall();
    const events = upToConnected(record);
    const again = record.connectedAt! + 2_000;
    await write(
      ...tableEvents(),
      ...events,
      { type: 'attempted', at: again, call: record.call, attempt: { ...record.plan[0]!, buyer: 'helio' } },
      { type: 'connected', at: again + 3_000, call: record.call, buyer: 'helio' },
      { type: 'alive', at: again + 73_000, calls: [record.call] },
    );
    expect(await closeLostCalls(stage.journal, Date.now())).toMatchObject([
      {
        outcome: 'connected',
        buyer: 'helio',
        connectedAt: again + 3_000,
        attempts: [
          { buyer: 'sunrise', result: 'early_hangup' },
          { buyer: 'helio', result: 'answered' },
        ],
      },
    ]);
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([
      { connected_ms: 70_000, revenue: '38.00', buyer: 'helio' },
    ]);
  });

  const rung = (record: CallRecord, ...buyers: readonly string[]): readonly JournalEvent[] =>
    buyers.map((buyer, index) => ({
      ...{ type: 'attempted', at: record.startedAt + 1000 + index, call: record.call },
      attempt: { ...record.plan[0]!, buyer },
    }));

  it.each([
    ['sunrise', ['sunrise', 'helio']],
    ['sunrise', ['helio', 'sunrise', 'other']],
    ['helio', ['sunrise', 'helio']],
  ])('of a ring group are billed to %s, who took the call, of %j', async (buyer, group) => {
    const record = aCall();
    const lastSign = record.connectedAt! + 92_000;
    await write(
      ...tableEvents(),
      ...upToConnected(record).slice(0, 3),
      ...rung(record, ...group),
      { type: 'connected', at: record.connectedAt!, call: record.call, buyer, media: 'direct' },
      { type: 'alive', at: lastSign, calls: [record.call] },
    );
    const [lost] = await closeLostCalls(stage.journal, Date.now());
    expect(lost).toMatchObject({ outcome: 'connected', buyer, connectedAt: record.connectedAt });
    expect(lost!.attempts.map(({ buyer, result }) => [buyer, result])).toEqual(
      group.map((one) => [one, one === buyer ? 'answered' : 'cancelled']),
    );
    expect(lost!.attempts.find(({ result }) => result === 'answered')).toMatchObject({
      ...{ answeredAt: record.connectedAt, endedAt: lastSign },
    });
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([{ buyer, connected_ms: 92_000 }]);
  });

  it('of a ring group whose first to answer hung up early go on to the next buyer, and are billed to that one', async () => {
    const record = aCall();
    const again = record.connectedAt! + 2_000;
    await write(
      ...tableEvents(),
      ...upToConnected(record).slice(0, 3),
      ...rung(record, 'sunrise', 'other'),
      { type: 'connected', at: record.connectedAt!, call: record.call, buyer: 'sunrise' },
      { type: 'attempted', at: again, call: record.call, attempt: { ...record.plan[0]!, buyer: 'helio' } },
      { type: 'connected', at: again + 3_000, call: record.call, buyer: 'helio' },
      { type: 'alive', at: again + 73_000, calls: [record.call] },
    );
    const [lost] = await closeLostCalls(stage.journal, Date.now());
    expect(lost).toMatchObject({ buyer: 'helio', connectedAt: again + 3_000 });
    expect(lost!.attempts.map(({ buyer, result, endedAt }) => [buyer, result, endedAt])).toEqual([
      ['sunrise', 'early_hangup', again],
      ['other', 'cancelled', again],
      ['helio', 'answered', again + 73_000],
    ]);
  });

  it('that no buyer had taken earn nothing', async () => {
    const record = aCall();
    await write(...tableEvents(), ...upToConnected(record).slice(0, 4));
    const [lost] = await closeLostCalls(stage.journal, Date.now());
    expect(lost).toMatchObject({
      outcome: 'failed',
      connectedAt: null,
      buyer: null,
      attempts: [{ result: 'cancelled' }],
    });
    await loadAll();
    expect(await listCalls(stage.records.db, { limit: 5 })).toMatchObject([
      { revenue: '0.00', payout: '0.00' },
    ]);
  });

  it('are closed once: a second start finds none', async () => {
    const record = aCall();
    await write(...tableEvents(), ...upToConnected(record), offered(aCall()), ended(aCall()));
    expect(await closeLostCalls(stage.journal, 1)).toHaveLength(2);
    expect(await closeLostCalls(stage.journal, 2)).toEqual([]);
  });

  it('are found although much was loaded and deleted since they began', async () => {
    const lost = aCall();
    await write(...tableEvents(), ...upToConnected(lost));
    for (let n = 0; n < 30; n++) {
      const other = aCall();
      await write(offered(other), ended(other));
    }
    await loadAll();
    expect((await closeLostCalls(stage.journal, 1)).map((record) => record.call)).toEqual([lost.call]);
    await loadAll();
    expect(stage.journal.stats().segments).toBe(1);
  });
});

describe('what a starting switch remembers', () => {
  it('what came of each route, by quarters of an hour', async () => {
    const at = Date.UTC(2026, 2, 2, 15, 0, 0);
    const calls = [
      aCall({ startedAt: at }),
      aCall({ startedAt: at + 60_000, talk: 20_000 }),
      aCall({ startedAt: at + 120_000, connectedAt: null, buyer: null }),
      aCall({ startedAt: at + 899_000 }),
    ];
    await write(...tableEvents(), ...calls.map(ended));
    await loadAll();
    expect(await history(stage.records.db, at - 1)).toEqual(
      [
        { buyer: 'sunrise', at, attempted: 3, connected: 2, converted: 1, revenue: 45_000_000n },
        {
          buyer: 'sunrise',
          at: at + 900_000,
          attempted: 1,
          connected: 1,
          converted: 1,
          revenue: 45_000_000n,
        },
      ].map(
        (quarter) =>
          expect.objectContaining({ ...quarter, campaign: 'solar', publisher: 'clickwise' }) as unknown,
      ),
    );
    expect(await history(stage.records.db, at + 3_600_000)).toEqual([]);
  });

  it('when each caller last had to do with each buyer', async () => {
    const at = Date.UTC(2026, 2, 2, 15, 0, 0);
    const from = '+12145558888';
    const calls = [
      aCall({ from, startedAt: at }),
      aCall({ from, startedAt: at + 200_000, talk: 5000 }),
      aCall({ from, startedAt: at + 300_000, connectedAt: null, buyer: null }),
      aCall({ from: null, startedAt: at + 400_000 }),
    ];
    await write(...tableEvents(), ...calls.map(ended));
    await loadAll();
    expect(await callerHistory(stage.records.db, at)).toEqual([
      {
        caller: from,
        campaign: 'solar',
        buyer: 'sunrise',
        attemptedAt: at + 301_000,
        connectedAt: at + 203_000,
        convertedAt: at + 3000,
      },
    ]);
  });

  it('whom an early hang-up connected first: it counts as connected, and earns nothing', async () => {
    const at = Date.UTC(2026, 2, 2, 15, 0, 0);
    const from = '+12145558889';
    const last = aCall({ from, startedAt: at + 20_000 });
    const [taken] = last.attempts;
    if (!taken) throw new Error('a call that was taken has an attempt');
    const hungUp = {
      ...taken,
      ...{ buyer: 'helio', trunk: 'helio-pbx', result: 'early_hangup' as const },
      ...{ startedAt: at + 21_000, answeredAt: at + 22_000, endedAt: at + 23_000 },
    };
    const whisperOnly = { ...hungUp, buyer: 'brightside', trunk: 'bright-pbx', result: 'refused' as const };
    await write(...tableEvents(), ended({ ...last, attempts: [whisperOnly, hungUp, taken] }));
    await loadAll();
    const counts = (await history(stage.records.db, at)).map(
      ({ buyer, trunk, attempted, connected, revenue }) => {
        return { buyer, trunk, attempted, connected, revenue };
      },
    );
    expect(counts).toEqual([
      { buyer: 'brightside', trunk: 'bright-pbx', attempted: 1, connected: 0, revenue: 0n },
      { buyer: 'helio', trunk: 'helio-pbx', attempted: 1, connected: 1, revenue: 0n },
      { buyer: 'sunrise', trunk: 'sunrise-pbx', attempted: 1, connected: 1, revenue: 45_000_000n },
    ]);
    const callers = await callerHistory(stage.records.db, at);
    const when = Object.fromEntries(callers.map((one) => [one.buyer, [one.connectedAt, one.convertedAt]]));
    expect(when).toEqual({
      brightside: [null, null],
      helio: [at + 22_000, null],
      sunrise: [last.connectedAt, last.connectedAt],
    });
  });
});

import { expect, it } from 'vitest';
import { startLoaderThread, type ThreadLoader } from '../../src/records/loader/loader-thread.ts';
import type { Subscription } from '../../src/records/outbox/subscription.ts';
import { aCall, ended, offered, writeTable } from './support/a-call.ts';
import { keptLog, quiet } from './support/quiet.ts';
import { recordsStage } from './support/records-stage.ts';

const ownEntry = new URL('./support/loader-thread-entry.mjs', import.meta.url);
/** A thread compiles its sources at each start; one that dies young has to start until it lives long enough. */
const slow = 90_000;
const stage = recordsStage({ segmentBytes: 5000 });

function load(given: Partial<Parameters<typeof startLoaderThread>[0]> = {}): ThreadLoader {
  const { journal, records } = stage;
  return stage.stopLater(
    startLoaderThread({
      ...{ journal, url: records.url, log: quiet, longestPause: 100, entry: ownEntry },
      ...given,
    }),
  );
}

const calls = async (): Promise<number> =>
  (await stage.records.db.selectFrom('calls').select('id').execute()).length;

it(
  'loads what is journalled while it runs, tells what was settled and refused, and lets go of what it has',
  { timeout: slow },
  async () => {
    const told: string[] = [];
    const refused: string[] = [];
    const loader = load({
      onSettled: ({ call }) => told.push(call),
      onRejected: (call) => refused.push(call),
    });
    writeTable(stage.journal);
    const sound = Array.from({ length: 30 }, () => aCall());
    const unsound = { ...aCall(), endedAt: Number.NaN };
    for (const call of [...sound.slice(0, 15), unsound, ...sound.slice(15)]) {
      await stage.journal.flushed(stage.journal.append(ended(call)));
    }
    await loader.caughtUp();
    expect(await calls()).toBe(30);
    expect(told.toSorted()).toEqual(sound.map(({ call }) => call).toSorted());
    expect(refused).toEqual([unsound.call]);
    expect(loader.stats()).toMatchObject({ lag: 0, lagSeconds: 0, connected: true, rejects: 1, gaps: 0 });
    await expect.poll(() => stage.journal.stats().segments).toBeLessThan(3);
  },
);

it(
  'is started again where its thread dies, and each call is told of once, the journal of live calls kept',
  { timeout: slow },
  async () => {
    const log = keptLog();
    const told: string[] = [];
    const loader = load({ log, onSettled: ({ call }) => told.push(call), entry: dying });
    const live = aCall();
    writeTable(stage.journal);
    stage.journal.append(offered(live));
    const before = Array.from({ length: 20 }, () => aCall());
    for (const call of before) stage.journal.append(ended(call));
    await loader.caughtUp();
    await expect
      .poll(() => log.lines.map(({ fields }) => fields), { timeout: slow })
      .toContainEqual(expect.objectContaining({ event: 'loader_died', why: expect.any(String) }));
    const after = Array.from({ length: 20 }, () => aCall());
    for (const call of after) stage.journal.append(ended(call));
    await loader.caughtUp();
    expect(told.toSorted()).toEqual([...before, ...after].map(({ call }) => call).toSorted());
    expect(await calls()).toBe(40);
    expect(stage.journal.stats().firstSeq).toBe(1);
  },
);

const dying = new URL('./support/dying-loader-thread-entry.mjs', import.meta.url);

it(
  'tells those whom it was given of calls, those it was given since of later ones; each once, though its thread dies',
  { timeout: slow },
  async () => {
    const to = (id: string): Subscription => ({
      ...{ id, owner: { kind: 'network' }, events: ['call.ended'], caller: 'full', attributes: [] },
    });
    const loader = load({ subscriptions: [to('first')], entry: dying });
    writeTable(stage.journal);
    const recently = () => aCall({ startedAt: Date.now() - 200_000 });
    const before = Array.from({ length: 20 }, recently);
    for (const call of before) stage.journal.append(ended(call));
    await loader.caughtUp();
    loader.subscribe([to('second')]);
    const after = Array.from({ length: 20 }, recently);
    for (const call of after) stage.journal.append(ended(call));
    await loader.caughtUp();
    const rows = await stage.records.db
      .selectFrom('webhook_deliveries')
      .select(['endpoint', 'call_id'])
      .orderBy('seq')
      .execute();
    expect(rows).toEqual([
      ...before.map(({ call }) => ({ endpoint: 'first', call_id: call })),
      ...after.map(({ call }) => ({ endpoint: 'second', call_id: call })),
    ]);
  },
);

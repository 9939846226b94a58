/** Who held the numbers of the calls that are replayed, at the instant of each. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdersOf } from '../../src/records/holders.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage } from './support/ledger-stage.ts';
import { mara, publishingStage } from './support/publishing-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

it('is told by the millisecond, over a hand-over and the rest between', async () => {
  const { db } = await database.fresh();
  const stage = publishingStage(db);
  const ledger = await ledgerStage(db);
  const first = await stage.approved('roofing');
  const { number: to } = first;
  const from = stage.now.getTime();
  stage.now = new Date(from + 60_000);
  await stage.release({ number: to, by: mara });
  const second = await stage.applied('roofing', 'radio');
  stage.now = new Date(from + 90_000);
  await stage.approve({ application: second, by: mara });
  const taken = await stage.assign({ application: second, by: mara, number: to, use: 'fixed' });
  if (!taken.ok) throw new Error(taken.message);
  const handedOver = Date.parse(taken.held_from);
  expect(handedOver).toBe(Math.ceil((from + 92_000) / 1000) * 1000);

  const called = aCall({ table: 'table-c', buyer: 'helio', to });
  await ledger.load(called, aCall({ table: 'table-c', buyer: 'helio', to: '+19995550000' }));
  const all = [new Date(0), new Date('2100-01-01')] as const;
  const holders = await holdersOf(db, ...all);
  const who = (at: number) => holders(to, at)?.publisher ?? null;
  expect([from - 1, from, from + 59_999, from + 60_000].map(who)).toEqual([
    ...[null, first.publisher, first.publisher],
    null,
  ]);
  const next = taken.application.publisher;
  expect([handedOver - 1, handedOver, handedOver + 1e9].map(who)).toEqual([null, next, next]);
  expect(holders(to, handedOver)).toEqual({ campaign: 'roofing', publisher: next, source: 'radio' });
  expect(holders('+19995550000', handedOver)).toBeNull();
  // Of numbers that nobody called in that time nothing is read.
  const before = await holdersOf(db, new Date(0), new Date(1));
  expect(before(to, from)).toBeNull();
});

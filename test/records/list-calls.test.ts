import { afterAll, beforeAll, expect, it } from 'vitest';
import { listCalls } from '../../src/records/list-calls.ts';
import { makeMonths } from '../../src/records/loader/months.ts';
import { insertRows } from '../../src/records/loader/insert-rows.ts';
import { settleCalls } from '../../src/records/loader/settle-calls.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { aCall } from './support/a-call.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

it('lists more calls than a statement may have parameters', async () => {
  const { db } = await database.fresh();
  const records = Array.from({ length: 66_000 }, () => aCall());
  await db.transaction().execute(async (trx) => {
    await makeMonths(
      trx,
      records.map(({ startedAt }) => startedAt),
    );
    const { calls } = await settleCalls(trx, records, new KnownTerms());
    for (let at = 0; at < calls.length; at += 8_000)
      await insertRows(trx, 'calls', calls.slice(at, at + 8_000));
  });
  expect(await listCalls(db, { limit: 100_000 })).toHaveLength(66_000);
}, 60_000);

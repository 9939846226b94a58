import { sql } from 'kysely';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { copyRows } from '../../src/records/loader/copy-rows.ts';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  await sql`select make_records_month('2026-11-02')`.execute(records.db);
});

const at = '2026-11-02T14:00:00.000Z';
const media = (call: string, codec: string | null, leg = 0) => ({
  ...{ call_id: call, call_started_at: at, leg, codec },
  ...{ packets_sent: 10, packets_received: '9007199254740993', packets_lost: 0, jitter_ms: 1.5 },
});
const reject = (call: string, event: string) => ({ journal: 'j', seq: 1, event, error: call });

const copied = (...tables: Parameters<typeof copyRows>[1]) =>
  records.db.transaction().execute((trx) => copyRows(trx, tables));
const kept = async () =>
  (await records.db.selectFrom('call_media').selectAll().orderBy('call_id').orderBy('leg').execute()).map(
    ({ call_id, leg, codec }) => ({ call_id, leg, codec }),
  );

it('brings numbers, times, nothing and texts as they are', async () => {
  await copied(['call_media', [media('a', null), media('b', 'null'), media('c', '')]]);
  expect(await records.db.selectFrom('call_media').selectAll().orderBy('call_id').execute()).toEqual(
    [null, 'null', ''].map((codec, n) => ({
      ...{ call_id: 'abc'[n], call_started_at: new Date(at), leg: 0, codec },
      ...{ packets_sent: 10n, packets_received: 9007199254740993n, packets_lost: 0n, jitter_ms: 1.5 },
    })),
  );
});

it('whatever a text holds, the row before it and the row behind it', async () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('\\', '\t', '\n', '\r', '.', 'N', '"'), fc.string()),
  });
  const storable = text.map((written) => written.replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(storable, { minLength: 1, maxLength: 5 }), async (texts) => {
      const rows = texts.map((codec, leg) => media('a', codec, leg));
      await records.db.deleteFrom('call_media').execute();
      await copied(['call_media', rows]);
      expect((await kept()).map(({ codec }) => codec)).toEqual(texts);
    }),
    { numRuns: 50 },
  );
});

it('passes over rows that are there already, in whatever table, and brings the others', async () => {
  await copied(['call_media', [media('a', 'PCMU')]]);
  await copied(
    ['journal_rejects', [reject('a', '{}')]],
    ['call_media', [media('a', 'G729'), media('a', 'PCMA', 1), media('b', 'PCMU'), media('b', 'PCMA')]],
  );
  expect(await kept()).toEqual([
    { call_id: 'a', leg: 0, codec: 'PCMU' },
    { call_id: 'a', leg: 1, codec: 'PCMA' },
    { call_id: 'b', leg: 0, codec: 'PCMU' },
  ]);
  expect(await records.db.selectFrom('journal_rejects').select('event').execute()).toEqual([{ event: '{}' }]);
});

it('brings none where the database refuses one, and its connection goes on', async () => {
  const unsound = { ...media('b', 'PCMU'), packets_lost: 'many' };
  await expect(copied(['call_media', [media('a', 'PCMU'), unsound]])).rejects.toMatchObject({
    code: '22P02',
  });
  await expect(copied(['call_media', [{ ...media('a', null), nothing: 1 }]])).rejects.toThrow('"nothing"');
  expect(await kept()).toEqual([]);
  await copied(['call_media', [media('a', 'PCMU')]], ['journal_rejects', []]);
  expect(await kept()).toHaveLength(1);
});

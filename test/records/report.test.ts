import fc from 'fast-check';
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../src/records/events.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import type { Records } from '../../src/records/open-records.ts';
import { reportKeys, type ReportKey } from '../../src/records/reports/keys.ts';
import { report, type ReportQuery } from '../../src/records/reports/report.ts';
import { aCall, ended, tableEvents, terms } from './support/a-call.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const timezone = 'America/New_York';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const otherCurrency = tableEvents('table-2', { ...terms, currency: 'JPY', minorDigits: 0 });

async function loaded(calls: readonly CallRecord[], tables = tableEvents()): Promise<Records> {
  const records = await database.fresh();
  const entries = [...tables, ...calls.map(ended)].map((event, at) => ({ seq: at + 1, event }));
  await loadBatch(records.db, 'journal', entries, new KnownTerms());
  return records;
}

const rowsOf = async (records: Records, query: Partial<ReportQuery> & Pick<ReportQuery, 'by'>) =>
  (await report(records.db, { timezone, ...query })).rows;

const at = (text: string): number => DateTime.fromISO(text, { zone: timezone }).toMillis();

describe('a report', () => {
  it('counts calls and adds up money by any key, the greatest revenue first', async () => {
    const records = await loaded([
      aCall({ publisher: 'clickwise', source: 'radio', talk: 95_000 }),
      aCall({ publisher: 'clickwise', source: 'radio', talk: 30_000 }),
      aCall({ publisher: 'leadbay', source: 'radio', talk: 100_000, buyer: 'helio' }),
      aCall({ publisher: 'leadbay', source: null, connectedAt: null, buyer: null, attributes: {} }),
    ]);
    const { rows, totals } = await report(records.db, { by: ['publisher'], timezone });
    expect(rows).toEqual([
      {
        ...{ keys: ['clickwise'], currency: 'USD', calls: 2, connected: 2, converted: 1 },
        ...{
          revenue: '45.00',
          payout: '30.00',
          margin: '15.00',
          asr: 1,
          acd: 62.5,
          revenue_per_call: '22.50',
        },
      },
      {
        ...{ keys: ['leadbay'], currency: 'USD', calls: 2, connected: 1, converted: 1 },
        ...{
          revenue: '38.00',
          payout: '30.00',
          margin: '8.00',
          asr: 0.5,
          acd: 100,
          revenue_per_call: '19.00',
        },
      },
    ]);
    expect(totals).toMatchObject([
      { calls: 4, connected: 3, revenue: '83.00', asr: 0.75, acd: 75, revenue_per_call: '20.75' },
    ]);
    const keys = async (by: readonly ReportKey[]) => (await rowsOf(records, { by })).map((row) => row.keys);
    expect(await keys(['source'])).toEqual([['clickwise/radio'], ['leadbay/radio'], ['leadbay']]);
    expect(await keys(['buyer'])).toEqual([['sunrise'], ['helio'], [null]]);
    expect(await keys(['state', 'campaign'])).toEqual([
      ['TX', 'solar'],
      [null, 'solar'],
    ]);
    expect(await rowsOf(records, { by: ['campaign'], buyer: 'helio' })).toMatchObject([
      { calls: 1, revenue: '38.00' },
    ]);
    expect(await rowsOf(records, { by: ['campaign'], state: 'TX', source: 'radio' })).toMatchObject([
      { calls: 3 },
    ]);
    expect(await rowsOf(records, { by: ['campaign'], publisher: 'nobody' })).toEqual([]);
  });

  it('shows days and hours on the network’s clock, the hour that comes twice as one', async () => {
    const records = await loaded(
      [
        ...[
          '2026-10-31T23:59:59.999-04:00',
          '2026-11-01T00:00-04:00',
          '2026-11-01T01:30-04:00',
          '2026-11-01T01:30-05:00',
        ],
        ...['2026-11-01T23:30-05:00', '2026-11-02T00:00-05:00'],
      ].map((time) => aCall({ startedAt: at(time) })),
    );
    const rows = await rowsOf(records, {
      by: ['day', 'hour'],
      from: new Date(at('2026-10-31')),
      to: new Date(at('2026-11-02')),
    });
    expect(rows.map(({ keys, calls }) => [...keys, calls])).toEqual([
      ['2026-10-31', 23, 1],
      ['2026-11-01', 0, 1],
      ['2026-11-01', 1, 2],
      ['2026-11-01', 23, 1],
    ]);
    const inIndia = await rowsOf(records, {
      by: ['hour'],
      timezone: 'Asia/Kolkata',
      to: new Date(at('2026-11-01')),
    });
    // 03:59:59.999 UTC is 09:29 there: its hours begin at half past ours.
    expect(inIndia).toMatchObject([{ keys: [9], calls: 1 }]);
  });

  it('keeps currencies apart', async () => {
    const records = await loaded(
      [aCall(), aCall({ table: 'table-2' }), aCall({ table: 'lost' })],
      [...tableEvents(), ...otherCurrency],
    );
    const { rows, totals } = await report(records.db, { by: ['campaign'], timezone });
    expect(rows.map(({ currency, revenue }) => [currency, revenue]).sort()).toEqual([
      [null, '0.00'],
      ['JPY', '45'],
      ['USD', '45.00'],
    ]);
    expect(totals).toHaveLength(3);
  });

  it('says nothing of a time in which there was nothing', async () => {
    expect(await report((await database.fresh()).db, { by: ['buyer', 'hour'], timezone })).toEqual({
      rows: [],
      totals: [],
    });
  });

  it('is answered from its index, without the wide rows', async () => {
    const records = await loaded(
      Array.from({ length: 3000 }, (_, n) => aCall({ startedAt: at('2026-03-02') + n * 1000 })),
    );
    await sql`vacuum (analyze) calls`.execute(records.db);
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select campaign, publisher, source, state, count(*), count(buyer), count(*) filter (where converted),
        sum(connected_ms), sum(revenue), sum(payout), date_bin('15 minutes', started_at, 'epoch')
        from calls where started_at >= ${new Date(at('2026-03-02'))} group by 1, 2, 3, 4, 11`.execute(
      records.db,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Only Scan using calls_2026_03');
  });
});

describe('property', () => {
  it('whatever a report is cut by, its rows add up to the same total, and so does the ledger', async () => {
    const one = fc.record({
      ...{ publisher: fc.constantFrom('a', 'b'), source: fc.constantFrom('x', 'y', null) },
      ...{ buyer: fc.constantFrom('sunrise', 'helio', null), talk: fc.integer({ min: 0, max: 200_000 }) },
      startedAt: fc.integer({ min: at('2026-10-30'), max: at('2026-11-04') }),
    });
    const some = fc.array(one, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(some, fc.shuffledSubarray([...reportKeys], { minLength: 1 }), async (made, by) => {
        const calls = made.map(({ buyer, ...of }) =>
          aCall({ ...of, buyer, ...(buyer === null && { connectedAt: null }) }),
        );
        const records = await loaded(calls);
        const { rows, totals } = await report(records.db, { by, timezone });
        const cents = (amount: string) => BigInt(amount.replace('.', ''));
        for (const key of ['revenue', 'payout', 'margin'] as const)
          expect(rows.reduce((sum, row) => sum + cents(row[key]), 0n)).toBe(cents(totals[0]![key]));
        expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBe(calls.length);
        const { rows: ledger } = await sql<{ sum: bigint }>`
          select coalesce(sum(amount), 0)::bigint / 10000 as sum from ledger_entries where account = 'receivable'`.execute(
          records.db,
        );
        expect(cents(totals[0]!.revenue)).toBe(ledger[0]!.sum);
        await records.close();
      }),
      { numRuns: 12 },
    );
  });
});

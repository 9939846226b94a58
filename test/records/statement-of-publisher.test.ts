import { afterAll, beforeAll, expect, it } from 'vitest';
import { aboutLine } from '../../src/records/statements/words.ts';
import type { Records } from '../../src/records/open-records.ts';
import { closeStatement } from '../../src/records/statements/close-statement.ts';
import { parseMonth } from '../../src/records/statements/month.ts';
import { showStatement, type FullStatement } from '../../src/records/statements/show-statement.ts';
import { post } from './support/postings.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
beforeAll(async () => {
  database = await startTestDatabase();
  records = await database.fresh();
});
afterAll(() => database.stop());

async function statementOf(party: string, account: 'payable' | 'receivable'): Promise<FullStatement> {
  const closed = await closeStatement(records.db, {
    ...{ account, party, month: parseMonth('2024-11', 'America/Chicago')!, by: 'ann' },
    ...{ now: new Date('2025-06-01'), currency: 'USD', isNamed: true },
  });
  if (!closed.ok) throw new Error(closed.reason);
  return (await showStatement(records.db, closed.ids[0]!))!;
}

it('tells a publisher what was adjusted and why, and nothing of what a buyer said', async () => {
  const call = {
    ...{ call: 'call1', kind: 'call' as const, at: new Date('2024-11-10T12:00Z') },
    ...{ publisher: 'clickwise', buyer: 'sunrise', revenue: 45_000_000n, payout: 30_000_000n },
  };
  await post(records.db, [
    call,
    { ...call, kind: 'conversion', reference: 'order-1', why: 'sale 120.05 reported as order-1' },
    { ...call, kind: 'dispute', reference: 'd1', why: 'no owner' },
    { ...call, kind: 'adjustment', reference: 'bonus', why: 'a bonus' },
  ]);

  const publishers = await statementOf('clickwise', 'payable');
  const untold = { reference: null, why: null, made_by: null };
  expect(publishers.lines).toMatchObject([
    { kind: 'call', ...untold },
    { kind: 'conversion', ...untold },
    { kind: 'dispute', ...untold },
    { kind: 'adjustment', reference: 'bonus', why: 'a bonus', made_by: 'ann' },
  ]);
  expect(publishers.lines.map(aboutLine)).toEqual([
    'call',
    'conversion',
    'dispute decided',
    'adjustment: a bonus',
  ]);

  const buyers = await statementOf('sunrise', 'receivable');
  expect(buyers.lines[1]).toMatchObject({ reference: 'order-1', made_by: 'ann' });
  expect(buyers.lines.map(aboutLine)).toEqual([
    'call',
    'conversion: sale 120.05 reported as order-1',
    'dispute: no owner',
    'adjustment: a bonus',
  ]);
});

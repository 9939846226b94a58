import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records } from '../../src/records/open-records.ts';
import {
  closeStatement,
  type Closed,
  type StatementToClose,
} from '../../src/records/statements/close-statement.ts';
import { listStatements } from '../../src/records/statements/list-statements.ts';
import { parseMonth } from '../../src/records/statements/month.ts';
import { showStatement } from '../../src/records/statements/show-statement.ts';
import { balance, post, type Posting } from './support/postings.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const zone = 'America/Chicago';
const month = (name: string) => parseMonth(name, zone)!;

let database: TestDatabase;
let records: Records;
beforeAll(async () => {
  database = await startTestDatabase();
  records = await database.fresh();
});
afterAll(() => database.stop());

let made = 0;
const named = (name: string): string => `${name}${(made += 1)}`;

const close = (party: string, name: string, given: Partial<StatementToClose> = {}): Promise<Closed> =>
  closeStatement(records.db, {
    ...{ account: 'payable', party, month: month(name), by: 'ann', now: new Date('2025-06-01') },
    ...{ currency: 'USD', isNamed: true },
    ...given,
  });

const closedId = (closed: Closed): string => {
  if (!closed.ok) throw new Error(closed.reason);
  expect(closed.ids).toHaveLength(1);
  return closed.ids[0]!;
};

const aPosting = (given: Partial<Posting> = {}): Posting => ({
  ...{ call: named('call'), kind: 'call', at: new Date('2024-11-10T12:00Z') },
  ...{ publisher: 'clickwise', buyer: 'sunrise', revenue: 45_000_000n, payout: 30_000_000n },
  ...given,
});

describe('a month', () => {
  it('begins and ends at midnight on the network’s clock, where clocks change in it, too', () => {
    expect(month('2024-11')).toEqual({
      name: '2024-11',
      from: new Date('2024-11-01T05:00Z'),
      to: new Date('2024-12-01T06:00Z'),
    });
    expect(month('2024-03').to.toISOString()).toBe('2024-04-01T05:00:00.000Z');
    expect(month('2024-12').to.toISOString()).toBe('2025-01-01T06:00:00.000Z');
    // Cuba's summer time began at that midnight, which did not come.
    expect(parseMonth('1990-04', 'America/Havana')!.from.toISOString()).toBe('1990-04-01T05:00:00.000Z');
  });

  it.each(['2024-13', '2024-00', '2024-1', '2024', '11-2024', '2024-11-01', ' 2024-11', ''])(
    'is not %j',
    (text) => {
      expect(parseMonth(text, zone)).toBeNull();
    },
  );
});

describe('closing a statement', () => {
  it('takes every line up to the end of the month and none after', async () => {
    const publisher = named('publisher');
    const last = new Date(month('2024-11').to.getTime() - 1);
    await post(records.db, [
      aPosting({ publisher, at: month('2024-11').from }),
      aPosting({ publisher, at: last, payout: 10_000_000n }),
      aPosting({ publisher, at: month('2024-11').to, payout: 500_000_000n }),
    ]);
    const id = closedId(await close(publisher, '2024-11'));
    expect(id).toBe(`publisher-${publisher}-2024-11-USD`);
    const statement = await showStatement(records.db, id);
    expect(statement).toMatchObject({
      ...{ publisher, buyer: null, month: '2024-11', currency: 'USD', total: '40.00', closed_by: 'ann' },
      ...{ from: '2024-11-01T05:00:00.000Z', to: '2024-12-01T06:00:00.000Z' },
      lines: [{ amount: '30.00' }, { amount: '10.00', at: last.toISOString() }],
      sums: [{ campaign: 'solar', kind: 'call', lines: 2, amount: '40.00' }],
    });
    expect(await showStatement(records.db, closedId(await close(publisher, '2024-12')))).toMatchObject({
      total: '500.00',
      lines: [{ amount: '500.00' }],
    });
  });

  it('leaves what comes later for that month to the next one', async () => {
    const publisher = named('publisher');
    const call = aPosting({ publisher });
    await post(records.db, [call]);
    const november = closedId(await close(publisher, '2024-11'));
    const frozen = await showStatement(records.db, november);
    await post(records.db, [
      {
        ...call,
        kind: 'dispute',
        reference: 'd1',
        revenue: -45_000_000n,
        payout: -30_000_000n,
        why: 'no owner',
      },
    ]);
    expect(await showStatement(records.db, november)).toEqual(frozen);
    const december = await showStatement(records.db, closedId(await close(publisher, '2024-12')));
    expect(december).toMatchObject({
      total: '-30.00',
      lines: [{ kind: 'dispute', call: call.call, amount: '-30.00' }],
    });
  });

  it('is of what a buyer owes, too', async () => {
    const buyer = named('buyer');
    await post(records.db, [aPosting({ buyer }), aPosting({ buyer, campaign: 'roofing' })]);
    const id = closedId(await close(buyer, '2024-11', { account: 'receivable' }));
    expect(await showStatement(records.db, id)).toMatchObject({
      ...{ id: `buyer-${buyer}-2024-11-USD`, publisher: null, buyer, total: '90.00' },
      sums: [
        { campaign: 'roofing', amount: '45.00' },
        { campaign: 'solar', amount: '45.00' },
      ],
    });
  });

  it('makes one for each currency, each in its own decimals', async () => {
    const publisher = named('publisher');
    await post(records.db, [aPosting({ publisher }), aPosting({ publisher, currency: 'JPY' })]);
    await close(publisher, '2024-11');
    const statements = await listStatements(records.db, { account: 'payable', party: publisher });
    expect(statements.map(({ currency, total }) => [currency, total])).toEqual([
      ['JPY', '30'],
      ['USD', '30.00'],
    ]);
  });

  it('is listed with the others, a page at a time', async () => {
    const publisher = named('publisher');
    await records.db
      .insertInto('statements')
      .values(
        ['2024-09', '2024-10', '2024-11'].flatMap((of) =>
          ['USD', 'EUR'].map((currency) => ({
            ...{
              id: `publisher-${publisher}-${of}-${currency}`,
              account: 'payable' as const,
              party: publisher,
            },
            ...{ currency, month: of, total: 0n, closed_by: 'mara' },
            ...{ period_from: month(of).from, period_to: month(of).to },
          })),
        ),
      )
      .execute();
    const query = { account: 'payable', party: publisher } as const;
    const all = await listStatements(records.db, query);
    expect(all.map(({ month: of, currency }) => `${of} ${currency}`)).toEqual([
      ...['2024-11 EUR', '2024-11 USD', '2024-10 EUR', '2024-10 USD', '2024-09 EUR', '2024-09 USD'],
    ]);
    for (const [at, one] of all.entries())
      expect(await listStatements(records.db, { ...query, limit: 2, after: one })).toEqual(
        all.slice(at + 1, at + 3),
      );
    expect(await listStatements(records.db, { ...query, limit: 4 })).toEqual(all.slice(0, 4));
  });

  it('is empty where nothing fell due, so that no month is missing', async () => {
    const id = closedId(await close(named('publisher'), '2024-11', { currency: 'EUR' }));
    expect(await showStatement(records.db, id)).toMatchObject({ currency: 'EUR', total: '0.00', lines: [] });
  });

  it('is refused for a month that has not ended, to the millisecond', async () => {
    const publisher = named('publisher');
    const endsAt = month('2024-11').to;
    const early = await close(publisher, '2024-11', { now: new Date(endsAt.getTime() - 1) });
    expect(early).toEqual({ ok: false, reason: 'not_ended', endsAt });
    expect(await close(publisher, '2024-11', { now: endsAt })).toMatchObject({ ok: true });
  });

  it('waits for the database’s clock, too', async () => {
    const publisher = named('publisher');
    const { to: endsAt } = month('2999-01');
    const fast = await close(publisher, '2999-01', { now: endsAt });
    expect(fast).toEqual({ ok: false, reason: 'not_ended', endsAt });
  });

  it('skips no month in which lines are open, and is not held up by late ones of a closed month', async () => {
    const publisher = named('publisher');
    const september = new Date('2024-09-10T12:00Z');
    const november = new Date('2024-11-10T12:00Z');
    await post(records.db, [
      aPosting({ publisher, at: november }),
      aPosting({ publisher, at: september }),
      aPosting({ publisher, at: new Date('2024-12-10T12:00Z') }),
    ]);
    const earlier = (since: Date) => ({ ok: false, reason: 'earlier_open', since });
    expect(await close(publisher, '2024-12')).toEqual(earlier(september));
    expect(await close(publisher, '2024-09')).toMatchObject({ ok: true });
    expect(await close(publisher, '2024-12')).toEqual(earlier(november));
    // In October nothing is open.
    expect(await close(publisher, '2024-11')).toMatchObject({ ok: true });
    await post(records.db, [aPosting({ publisher, at: september }), aPosting({ publisher, at: november })]);
    const december = await showStatement(records.db, closedId(await close(publisher, '2024-12')));
    expect(december).toMatchObject({ total: '90.00', lines: [{}, {}, {}] });
  });

  it('is refused a second time, and for a month before one that was closed', async () => {
    const publisher = named('publisher');
    const id = closedId(await close(publisher, '2024-11'));
    expect(await close(publisher, '2024-11')).toEqual({ ok: false, reason: 'closed', id });
    expect(await close(publisher, '2024-10')).toEqual({ ok: false, reason: 'later_closed', id });
  });

  it('is refused for whom neither config nor ledger knows, and not for whom the ledger alone knows', async () => {
    const publisher = named('publisher');
    expect(await close(publisher, '2024-11', { isNamed: false })).toEqual({
      ok: false,
      reason: 'unknown_party',
    });
    await post(records.db, [aPosting({ publisher })]);
    expect(await close(publisher, '2024-11', { isNamed: false })).toMatchObject({ ok: true });
  });

  it('is done once, however many ask at once', async () => {
    const publisher = named('publisher');
    await post(records.db, [aPosting({ publisher })]);
    const all = await Promise.all(Array.from({ length: 8 }, () => close(publisher, '2024-11')));
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(all.filter((one) => !one.ok && one.reason === 'closed')).toHaveLength(7);
  });

  it('waits until whoever settles is done, and has what that one wrote', async () => {
    const publisher = named('publisher');
    let closing: Promise<Closed> | undefined;
    await records.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(7011550002)`.execute(trx);
      closing = close(publisher, '2024-11');
      await waiting(trx);
      await post(trx, [aPosting({ publisher })]);
    });
    expect(await showStatement(records.db, closedId(await closing!))).toMatchObject({ total: '30.00' });
  });

  it('is final: the database refuses to change or take back any of it', async () => {
    const publisher = named('publisher');
    await post(records.db, [aPosting({ publisher })]);
    await close(publisher, '2024-11');
    for (const change of [
      sql`update statements set total = 0`,
      sql`delete from statement_lines`,
      sql`truncate statements cascade`,
    ])
      await expect(change.execute(records.db)).rejects.toThrow();
  });
});

/** Resolves once somebody waits for the settlement turn. */
async function waiting(db: Records['db']): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_locks join pg_database on pg_database.oid = database
       where locktype = 'advisory' and not granted and datname = current_database()`.execute(db);
    if (rows.length > 0) return;
  }
}

describe('property', () => {
  const months = ['2024-09', '2024-10', '2024-11', '2024-12'] as const;
  const first = month(months[0]).from.getTime();
  const parties = ['a', 'b'] as const;
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('post' as const),
        kind: fc.constantFrom('call', 'conversion', 'dispute', 'adjustment'),
        publisher: fc.constantFrom(...parties),
        buyer: fc.constantFrom(...parties),
        revenue: fc.bigInt(-99_999_999n, 99_999_999n),
        payout: fc.bigInt(-99_999_999n, 99_999_999n),
        after: fc.nat(120 * 86_400_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant('close' as const),
        account: fc.constantFrom('payable', 'receivable'),
        party: fc.constantFrom(...parties),
        month: fc.constantFrom(...months),
      }),
    },
  );

  it('the statements of a party and what is in none add up to its balance; no line is in two', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (acts) => {
        const run = named('run');
        const frozen = new Map<string, unknown>();
        for (const [at, one] of acts.entries()) {
          if (one.act === 'close') {
            const closed = await close(`${run}${one.party}`, one.month, { account: one.account });
            if (closed.ok) for (const id of closed.ids) frozen.set(id, await showStatement(records.db, id));
            continue;
          }
          const { kind, revenue, payout } = one;
          const posting = {
            call: `${run}-${at}`,
            kind,
            reference: `${run}-${at}`,
            at: new Date(first + one.after),
          };
          const of = { publisher: `${run}${one.publisher}`, buyer: `${run}${one.buyer}`, revenue, payout };
          await post(records.db, [{ ...posting, ...of }]);
        }
        for (const [id, statement] of frozen) expect(await showStatement(records.db, id)).toEqual(statement);
        for (const account of ['payable', 'receivable'] as const)
          for (const party of parties) await addsUp(account, `${run}${party}`);
      }),
      { numRuns: 40 },
    );
  });

  async function addsUp(account: 'payable' | 'receivable', party: string): Promise<void> {
    const { rows } = await sql<{ stated: bigint; unstated: bigint; totals: bigint; wrong: bigint }>`
      with lines as (
        select amount, at, statement_id from ledger_entries left join statement_lines on entry_id = id
         where account = ${account} and party = ${party}
      )
      select coalesce(sum(amount) filter (where statement_id is not null), 0)::bigint as stated,
             coalesce(sum(amount) filter (where statement_id is null), 0)::bigint as unstated,
             (select coalesce(sum(total), 0)::bigint from statements
               where account = ${account} and party = ${party}) as totals,
             (select count(*) from lines join statements on statements.id = statement_id
               where at >= period_to or statements.party <> ${party} or statements.account <> ${account}) as wrong
        from lines`.execute(records.db);
    const { stated, unstated, totals, wrong } = rows[0]!;
    expect(wrong).toBe(0n);
    expect(account === 'payable' ? -totals : totals).toBe(stated);
    expect(stated + unstated).toBe(await balance(records.db, account, party));
  }
});

import { Migrator, sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import type { JournalEvent } from '../../src/records/events.ts';
import { listCalls } from '../../src/records/list-calls.ts';
import { listPayouts } from '../../src/records/list-payouts.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import { migrate } from '../../src/records/migrate.ts';
import { Tables } from '../../src/records/tables.ts';
import { termsToJson } from '../../src/settlement/terms-json.ts';
import { inParts } from '../../src/settlement/terms-parts.ts';
import type { BuyerTerms, TermsBook } from '../../src/settlement/terms.ts';
import { aCall, ended, tableEvents, terms } from './support/a-call.ts';
import { recordsStage } from './support/records-stage.ts';

const stage = recordsStage();

const load = (onRejected: (call: string) => void = () => undefined) => stage.loadAll({ onRejected });

const write = (events: readonly JournalEvent[]) => stage.append(events);

/** As `terms`, with a thousand buyers more, each of which pays its number. */
function great(pays: (n: number) => bigint = (n) => BigInt(n) * 1_000_000n): TermsBook {
  const more = Array.from({ length: 1_000 }, (_, n): [string, BuyerTerms] => {
    const revenue = [{ pays: { kind: 'flat', amount: pays(n) } as const, when: [] }];
    return [`b${n}`, { buyer: `b${n}`, revenue, oncePerCaller: null }];
  });
  return { ...terms, buyers: new Map([...terms.buyers, ...more]) };
}

const worthOf = async (call: string) => {
  const [found] = await listCalls(stage.records.db, { limit: 1, id: call });
  return found && { revenue: found.revenue, currency: found.currency, why: found.payout_reason };
};
const parts = async () => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from terms`.execute(stage.records.db);
  return rows[0]?.n;
};

test('calls of a thousand buyers are settled by their own terms, in the table that each was routed by', async () => {
  write(tableEvents('first', great()));
  write(
    tableEvents(
      'second',
      great((n) => BigInt(n) * 2_000_000n),
    ),
  );
  const [one, other, old] = [
    aCall({ buyer: 'b7', table: 'first' }),
    aCall({ buyer: 'b999', table: 'second' }),
    aCall({ table: 'second' }),
  ];
  write([one, other, old].map(ended));
  await load();
  expect(await worthOf(one.call)).toMatchObject({ revenue: '7.00', currency: 'USD' });
  expect(await worthOf(other.call)).toMatchObject({ revenue: '1998.00' });
  expect(await worthOf(old.call)).toMatchObject({ revenue: '45.00' });
});

test('a table that differs in one buyer shares all other parts, in the journal and in the database', async () => {
  const tables = new Tables(stage.journal);
  await tables.write('first', inParts(great()), 0);
  const before = stage.journal.stats().lastSeq;
  await tables.write('second', inParts(great((n) => (n === 5 ? 1n : BigInt(n)) * 1_000_000n)), 0);
  expect(stage.journal.stats().lastSeq).toBe(before + 2);
  expect(stage.journal.stats().durableSeq).toBe(before + 2);
  const changed = aCall({ buyer: 'b5', table: 'second' });
  const same = aCall({ buyer: 'b6', table: 'second' });
  write([changed, same].map(ended));
  await load();
  expect(await worthOf(changed.call)).toMatchObject({ revenue: '1.00' });
  expect(await worthOf(same.call)).toMatchObject({ revenue: '6.00' });
  expect(await parts()).toBe(inParts(great()).parts.length + 1);
});

test('all terms of a table are durable before it is', async () => {
  const durable: string[] = [];
  const appended: string[] = [];
  await new Tables({
    append: (event) => {
      appended.push(event.type);
      return appended.length;
    },
    flushed: () => {
      durable.push(...appended.slice(durable.length));
      return Promise.resolve();
    },
  }).write('first', inParts(great()), 0);
  const count = inParts(great()).parts.length;
  expect(durable).toEqual([...Array<string>(count).fill('terms'), 'table']);
});

test('a call whose part of the terms was lost is not settled by the rest of them', async () => {
  const events = tableEvents('first', great());
  const digests = events.map((event) => (event.type === 'terms' ? event.digest : ''));
  const whole = new Set(
    inParts(great())
      .parts.filter(({ text }) => !text.includes('"b7"'))
      .map(({ digest }) => digest),
  );
  write(events.filter((_, at) => digests[at] === '' || whole.has(digests[at] ?? '')));
  const lost = aCall({ buyer: 'b7', table: 'first' });
  write([ended(lost)]);
  await load();
  expect(await worthOf(lost.call)).toMatchObject({
    revenue: '0.00',
    why: 'the terms of table first are not known',
  });
});

test('a journal whose tables have their terms in one piece is loaded as it was', async () => {
  write([{ type: 'table', at: 0, hash: 'whole', terms: termsToJson(great()) }]);
  const call = aCall({ buyer: 'b12', table: 'whole' });
  write([ended(call)]);
  await load();
  expect(await worthOf(call.call)).toMatchObject({ revenue: '12.00', currency: 'USD' });
  expect((await listPayouts(stage.records.db)).currencies).toMatchObject([
    { currency: 'USD', revenue: '12.00' },
  ]);
});

test('such terms that make no sense keep their calls aside', async () => {
  write([{ type: 'table', at: 0, hash: 'nonsense', terms: { version: 99 } }]);
  const call = aCall({ table: 'nonsense' });
  write([ended(call)]);
  const rejected: string[] = [];
  await load((id) => rejected.push(id));
  expect(rejected).toEqual([call.call]);
});

test('a database whose tables have their terms in one piece is brought up to date', async () => {
  const { db } = stage.records;
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  expect((await migrator.migrateTo('0004-bids')).error).toBeUndefined();
  for (const hash of ['old', 'older'])
    await sql`insert into routing_tables values (${hash}, now(), ${JSON.stringify(termsToJson(great()))})`.execute(
      db,
    );
  expect(await migrate(db)).toContain('0005-terms');
  expect(await parts()).toBe(1);
  const calls = [aCall({ buyer: 'b12', table: 'old' }), aCall({ buyer: 'b13', table: 'older' })];
  write(calls.map(ended));
  await load();
  expect(await worthOf(calls[0]!.call)).toMatchObject({ revenue: '12.00', currency: 'USD' });
  expect(await worthOf(calls[1]!.call)).toMatchObject({ revenue: '13.00', currency: 'USD' });
});

test('the terms of ten thousand buyers are each read from the database once, however their calls follow each other', async () => {
  const more = Array.from({ length: 10_000 }, (_, n): [string, BuyerTerms] => {
    const revenue = [{ pays: { kind: 'flat', amount: 1_000_000n } as const, when: [] }];
    return [`b${n}`, { buyer: `b${n}`, revenue, oncePerCaller: null }];
  });
  const book: TermsBook = { ...terms, buyers: new Map([...terms.buyers, ...more]) };
  let reads = 0;
  const asked = stage.records.db.withPlugin({
    transformQuery: ({ node }) => {
      if (node.kind === 'SelectQueryNode' && JSON.stringify(node.from).includes('"name":"terms"')) reads++;
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const known = new KnownTerms();
  const entries = tableEvents('vast', book).map((event, index) => ({ seq: index + 1, event }));
  await loadBatch(stage.records.db, stage.journal.id, entries, known);
  await asked.transaction().execute(async (trx) => {
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < 10_000; n += 3) await known.of(trx, aCall({ table: 'vast', buyer: `b${n}` }));
  });
  expect(reads).toBeLessThanOrEqual(inParts(book).parts.length);
}, 30_000);

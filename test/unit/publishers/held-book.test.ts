import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HeldBook, type Holding, type Loan } from '../../../src/publishers/held-book.ts';
import { KeptFile } from '../../../src/publishers/kept-file.ts';
import { readHoldings, writeHoldings } from '../../../src/publishers/holdings-file.ts';

const hour = 3_600_000;
const number = '+18005550150';

const holding = (id: number, rest: Partial<Holding> = {}): Holding => ({
  ...{ id, number, campaign: 'solar', publisher: 'clickwise', source: null, use: 'fixed', paused: false },
  ...{ from: 0, until: null, version: id },
  ...rest,
});

const loan = (visit: string, rest: Partial<Loan> = {}): Loan => ({
  ...{ visit, number, publisher: 'clickwise', campaign: 'solar', tags: { visit } },
  ...{ from: 0, until: hour, version: 1 },
  ...rest,
});

const bookOf = (holdings: readonly Holding[], loans: readonly Loan[] = []) => {
  const book = new HeldBook();
  book.take(holdings, loans);
  return book;
};

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tollbridge-book-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test('of two that claim a number the newer has it', () => {
  const old = holding(1);
  const fresh = holding(2, { publisher: 'homeleads', from: 10 });
  for (const order of [
    [old, fresh],
    [fresh, old],
  ])
    expect(bookOf(order).held(number, 20)?.publisher).toBe('homeleads');
  expect(bookOf([holding(2, { publisher: 'homeleads' }), old]).held(number, 20)?.publisher).toBe('homeleads');
});

test('what ended long ago is let go of, and nothing else', () => {
  const book = bookOf(
    [
      holding(1, { until: hour }),
      holding(2, { from: hour, until: 3 * hour }),
      holding(3, { from: 3 * hour }),
    ],
    [loan('a'), loan('b', { until: 5 * hour })],
  );
  book.forget(2 * hour);
  expect(book.holdings().map(({ id }) => id)).toEqual([2, 3]);
  expect(book.loans().map(({ visit }) => visit)).toEqual(['b']);
  expect(book.held(number, 0)).toBeNull();
});

test('a loan that is asked for again is let go of by its new end', () => {
  const book = bookOf([holding(1, { use: 'visitors' })], [loan('a')]);
  book.take([], [loan('a', { until: 9 * hour, version: 2 })]);
  book.forget(5 * hour);
  expect(book.held(number, 8 * hour)?.tags).toEqual({ visit: 'a' });
  book.forget(10 * hour);
  expect(book.loans()).toEqual([]);
});

test('a big book is put in words portion by portion, and reads as it was written', async () => {
  const file = join(await folder(), 'holdings.json');
  let turn = 0;
  let isWriting = true;
  const next = () => {
    turn += 1;
    if (isWriting) setImmediate(next);
  };
  next();
  const perTurn = new Map<number, number>();
  const holdings = Array.from({ length: 3000 }, (_, id) => holding(id, { number: `+1800${6000000 + id}` }));
  const counted = holdings.map((one) => ({
    ...one,
    toJSON: () => {
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
      return one;
    },
  }));
  await writeHoldings(file, bookOf(counted, [loan('a'), loan('b')]));
  isWriting = false;
  expect([...perTurn.values()].reduce((all, one) => all + one, 0)).toBe(3000);
  expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(500);
  expect(await readHoldings(file)).toMatchObject({ holdings, loans: [loan('a'), loan('b')] });
});

test('the file follows at its own pace, a loan’s later than a holding’s, and is whole when it is closed', async () => {
  const file = join(await folder(), 'holdings.json');
  const kept = new KeptFile(file, () => undefined);
  const onDisk = async () => ((await readHoldings(file))?.holdings ?? []).map(({ id }) => id);
  const book = bookOf([holding(1)]);
  kept.write(book, 10_000);
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain('"id":1');
  book.take([holding(2, { number: '+18005550151' })], []);
  kept.write(book, 10_000);
  kept.write(book, 60_000);
  expect(await onDisk()).toEqual([1]);
  await kept.close();
  expect(await onDisk()).toEqual([1, 2]);
});

import fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { settleable } from '../../src/deadline.ts';
import { openJournal } from '../../src/records/journal/journal.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('lines appended while others are being written are written too, each once and in order', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const journal = await openJournal({ dir, log: quiet });
  onTestFinished(() => journal.close());
  // One line at each turn of the event loop: most of them find a write under way.
  for (let at = 1; at <= 500; at++) {
    journal.append({ type: 'alive', at, calls: [] });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await journal.flushed();
  const reader = journal.reader(0);
  const read: number[] = [];
  for (let batch = await reader.next(100); batch.entries.length > 0; batch = await reader.next(100)) {
    for (const { event } of batch.entries) if (event.type === 'alive') read.push(event.at);
  }
  expect(read).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  expect(journal.stats()).toMatchObject({ lastSeq: 500, durableSeq: 500, waiting: 0 });
});

/** The next write to a file waits until it is told to go on. */
function onNextWrite(held: (go: () => void) => void): void {
  const write = fs.write;
  const putBack = () => {
    fs.write = write;
    syncBuiltinESMExports();
  };
  fs.write = ((...given: Parameters<typeof fs.write>) => {
    putBack();
    held(() => write(...given));
  }) as typeof fs.write;
  syncBuiltinESMExports();
  onTestFinished(putBack);
}

test('what comes while a group is being written makes the next, in order; what nobody waits for makes none of its own', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  // Lines that nobody waits for wait for ever.
  const journal = await openJournal({ dir, log: quiet, linger: 2 ** 31 - 1 });
  onTestFinished(() => journal.close());
  const groups: number[] = [];
  journal.watch((what) => what === 'flushed' && groups.push(journal.stats().durableSeq));
  const line = () => journal.append({ type: 'alive', at: 1, calls: [] });

  const writing = settleable<() => void>();
  onNextWrite(writing.settle);
  line();
  line();
  const first = journal.flushed();
  const go = await writing.promise;
  line();
  const second = journal.flushed(line());
  line();
  expect(groups).toEqual([]);
  go();
  await first;
  await second;
  expect(groups).toEqual([2, 5]);

  line();
  await journal.flushed(line());
  line();
  expect(groups).toEqual([2, 5, 7]);
  expect(journal.stats()).toMatchObject({ lastSeq: 8, durableSeq: 7, waiting: 1 });
  // A close makes durable what is left.
  await journal.close();
  expect(groups).toEqual([2, 5, 7, 8]);
});

test('a line that nobody waits for becomes durable, too', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const journal = await openJournal({ dir, log: quiet });
  onTestFinished(() => journal.close());
  const durable = settleable<undefined>();
  journal.watch(() => durable.settle(undefined));
  journal.append({ type: 'alive', at: 1, calls: [] });
  await durable.promise;
  expect(journal.stats()).toMatchObject({ durableSeq: 1, waiting: 0 });
});

test('a disk that hangs is told as one that refuses, until it answers; nothing is lost by it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const journal = await openJournal({ dir, log: quiet, patience: 20 });
  onTestFinished(() => journal.close());
  const changes: string[] = [];
  const told = settleable<undefined>();
  const answers = settleable<undefined>();
  journal.watch((what) => {
    changes.push(what);
    if (what === 'unhealthy') told.settle(undefined);
  });
  onNextWrite((go) => void answers.promise.then(go));

  journal.append({ type: 'alive', at: 1, calls: [] });
  const flushed = journal.flushed();
  await told.promise;
  expect(journal.healthy).toBe(false);
  expect(journal.stats()).toMatchObject({ durableSeq: 0, waiting: 1 });
  answers.settle(undefined);
  await flushed;
  expect(journal.healthy).toBe(true);
  expect(changes).toEqual(['unhealthy', 'healthy', 'flushed']);
});

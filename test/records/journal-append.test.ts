import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
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

test('a disk that hangs is told as one that refuses, until it answers; nothing is lost by it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const journal = await openJournal({ dir, log: quiet, patience: 20 });
  onTestFinished(() => journal.close());
  const changes: string[] = [];
  const told = settleable<undefined>();
  journal.watch((what) => {
    changes.push(what);
    if (what === 'unhealthy') told.settle(undefined);
  });
  const answers = settleable<undefined>();
  const file = await open(join(dir, 'probe'), 'w');
  const handles = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const hanging = vi.spyOn(handles, 'datasync').mockImplementation(() => answers.promise);
  onTestFinished(() => hanging.mockRestore());

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

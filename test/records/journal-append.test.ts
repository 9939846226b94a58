import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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

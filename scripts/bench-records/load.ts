/** As many calls as there are journalled as fast as the disk takes them, then loaded by the loader as it runs in a switch. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openJournal } from '../../src/records/journal/journal.ts';
import { startLoaderThread } from '../../src/records/loader/loader-thread.ts';
import { log } from './database.ts';
import { madeUpCall, tableEvent } from './made-up-calls.ts';
import { mainThreadMicros } from './main-thread.ts';

export interface LoadFigures {
  readonly journalledPerSecond: number;
  readonly journalBytesPerCall: number;
  /** Until the loading thread, which a switch starts once, knew where the database stands; then until all was loaded. */
  readonly startSeconds: number;
  readonly loadSeconds: number;
  /** Main-thread time for each call while its lines were written in large groups, and while all of them were loaded. */
  readonly micros: { readonly journal: number; readonly load: number };
}

export async function journalAndLoad(folder: string, url: string, calls: number): Promise<LoadFigures> {
  const dir = join(folder, `journal-${process.hrtime.bigint()}`);
  const journal = await openJournal({ dir, log });
  const made = Array.from({ length: calls }, (_, number) => madeUpCall(number));
  await journal.flushed(journal.append(tableEvent));

  const [began, spent] = [performance.now(), mainThreadMicros()];
  for (const [number, events] of made.entries()) {
    for (const event of events) journal.append(event);
    if (number % 100 === 99) await journal.flushed();
  }
  await journal.flushed();
  const journalled = performance.now();
  const written = mainThreadMicros();
  const bytes = await bytesIn(dir);

  const loader = startLoaderThread({ journal, url, log });
  while (!loader.stats().connected) await pause(1);
  const started = performance.now();
  await loader.caughtUp();
  const loaded = performance.now();
  const micros = { journal: (written - spent) / calls, load: (mainThreadMicros() - written) / calls };
  await loader.stop();
  await journal.close();
  return {
    journalledPerSecond: (calls * 1000) / (journalled - began),
    journalBytesPerCall: bytes / calls,
    startSeconds: (started - journalled) / 1000,
    loadSeconds: (loaded - started) / 1000,
    micros,
  };
}

async function bytesIn(dir: string): Promise<number> {
  const names = await readdir(dir);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

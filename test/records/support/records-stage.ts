/** A database and a journal, fresh for each test of a file, and the loaders that a test starts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { JournalEvent } from '../../../src/records/events.ts';
import { openJournal, type Journal, type JournalOptions } from '../../../src/records/journal/journal.ts';
import { startLoader, type Loader, type LoaderOptions } from '../../../src/records/loader/loader.ts';
import type { Records } from '../../../src/records/open-records.ts';
import { quiet } from './quiet.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';

/** To be called at the top of a test file. */
export function recordsStage(options: Pick<JournalOptions, 'segmentBytes'> = {}): RecordsStage {
  const stage = new RecordsStage();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    stage.records = await database.fresh();
    stage.dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
    stage.journal = await openJournal({ dir: stage.dir, log: quiet, ...options });
  });
  afterEach(async () => {
    await stage.stopLoaders();
    await stage.journal.close();
    await rm(stage.dir, { recursive: true, force: true });
  });
  return stage;
}

export class RecordsStage {
  records!: Records;
  /** The journal's folder. */
  dir!: string;
  /** A test that closes it puts another in its place. */
  journal!: Journal;
  readonly #loaders: Loader[] = [];

  /** Stopped when the test ends. */
  load(given: Partial<LoaderOptions> = {}): Loader {
    const { journal, records } = this;
    return this.stopLater(startLoader({ journal, db: records.db, log: quiet, longestPause: 100, ...given }));
  }

  /** The same, once all that is in the journal is loaded. */
  async loadAll(given: Partial<LoaderOptions> = {}): Promise<Loader> {
    const loader = this.load(given);
    await loader.caughtUp();
    return loader;
  }

  stopLater<Started extends Loader>(loader: Started): Started {
    this.#loaders.push(loader);
    return loader;
  }

  async stopLoaders(): Promise<void> {
    for (const loader of this.#loaders.splice(0)) await loader.stop();
  }

  append(events: readonly JournalEvent[]): void {
    for (const event of events) this.journal.append(event);
  }
}

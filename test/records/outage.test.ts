import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { openJournal } from '../../src/records/journal/journal.ts';
import { startLoader } from '../../src/records/loader/loader.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords } from '../../src/records/open-records.ts';
import { aCall, ended, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';

it('each call is loaded exactly once while Postgres is killed -9 again and again in the middle of it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-outage-'));
  const database = await startDatabase({ dataDir, log: quiet });
  const records = openRecords({ url: database.url, log: quiet });
  await migrate(records.db);
  const journal = await openJournal({ dir: join(dataDir, 'journal'), log: quiet, segmentBytes: 100_000 });
  const loader = startLoader({ journal, db: records.db, log: quiet, longestPause: 100 });

  writeTable(journal);
  const calls = 800;
  for (let n = 1; n <= calls; n++) {
    await journal.flushed(journal.append(ended(aCall())));
    if (n % 200 === 0) await killPostgres(dataDir);
  }
  await loader.caughtUp();

  const { rows } = await sql<{ calls: bigint; attempts: bigint; entries: bigint; sum: bigint }>`
    select (select count(*) from calls) as calls, (select count(*) from attempts) as attempts,
           (select count(*) from ledger_entries) as entries,
           (select sum(amount)::bigint from ledger_entries) as sum`.execute(records.db);
  expect(rows).toEqual([{ calls: 800n, attempts: 800n, entries: 2400n, sum: 0n }]);
  expect(loader.stats()).toMatchObject({ lag: 0, gaps: 0, rejects: 0 });
  // What was loaded need not stay on disk.
  expect(journal.stats().segments).toBeLessThan(4);

  await loader.stop();
  await journal.close();
  await records.close();
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}, 90_000);

/** One that is dead already, or not back yet, is left alone. */
async function killPostgres(dataDir: string): Promise<void> {
  const file = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}

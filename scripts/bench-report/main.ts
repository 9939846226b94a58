/** `npm run bench:report [-- CALLS]`: what a report over a million calls takes, right after they came and once they rest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords, type Records } from '../../src/records/open-records.ts';
import { reportKeys, type ReportKey } from '../../src/records/reports/keys.ts';
import { report } from '../../src/records/reports/report.ts';
import { generateCalls, span } from './generate-calls.ts';

const calls = Number(process.argv[2] ?? 1_000_000);
const timezone = 'America/Chicago';
const rounds = 5;
const nothing = () => undefined;
const silent = { info: nothing, warn: nothing, error: nothing };
const say = (line: string) => process.stdout.write(`${line}\n`);

const dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-bench-report-'));
const database = await startDatabase({ dataDir, log: silent });
const records = openRecords({ url: database.url, log: silent });
try {
  await migrate(records.db);
  const began = performance.now();
  await generateCalls(records.db, calls);
  say(`${calls} calls of three months, generated in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await printTimes('right after', records.db);
  await sql`vacuum (analyze) calls`.execute(records.db);
  await printTimes('vacuumed', records.db);
  await sql`update calls set payout = payout, converted = not converted where id like '%77'`.execute(
    records.db,
  );
  await printTimes('after corrections of every hundredth', records.db);
  await explain(records.db);
} finally {
  await records.close();
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function printTimes(when: string, db: Records['db']): Promise<void> {
  const cuts: readonly (readonly ReportKey[])[] = [
    ...reportKeys.map((key) => [key]),
    ['campaign', 'buyer'],
    ['buyer', 'day', 'hour'],
  ];
  say(`\n${when}: milliseconds, the fastest, the median and the slowest of ${rounds}`);
  for (const by of cuts) {
    const times: number[] = [];
    let rows = 0;
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      rows = (await report(db, { by, timezone, ...span })).rows.length;
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const shown = [times[0], times[Math.floor(rounds / 2)], times.at(-1)].map((time) =>
      (time ?? 0).toFixed(0).padStart(6),
    );
    say(`${by.join(',').padEnd(16)} ${shown.join(' ')}   ${rows} rows`);
  }
}

async function explain(db: Records['db']): Promise<void> {
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain (analyze, buffers, costs off) select campaign, count(*), count(buyer),
      count(*) filter (where converted), sum(connected_ms), sum(revenue), sum(payout)
      from calls where started_at >= ${span.from} and started_at < ${span.to} group by 1`.execute(db);
  say(`\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`);
}

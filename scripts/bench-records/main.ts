/**
 * `npm run bench:records`: how fast calls come to the database, beside other ways of bringing the same rows there, and
 * what the calls' own thread spends and waits. All in one run, on one Postgres. `--quick`: fewer calls.
 */
import { cpus, loadavg } from 'node:os';
import Table from 'cli-table3';
import type pg from 'pg';
import { callsAtARate } from './call-path.ts';
import { copyAll, countOf, insertBatches, insertSingly, rowsOf } from './contenders.ts';
import { openBenchDatabase, type BenchDatabase } from './database.ts';
import { journalAndLoad } from './load.ts';

const quick = process.argv.includes('--quick');
const calls = quick ? 10_000 : 50_000;
const rounds = quick ? 1 : 3;

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const plain = { head: [], border: [], compact: true };
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

const machine = cpus();
say(
  `${machine.length} cores of ${machine[0]?.model.trim() ?? 'unknown make'}, Node.js ${process.version}, load average ` +
    loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
);
const database = await openBenchDatabase();
try {
  for (let round = 1; round <= rounds; round++) await compare(database, round);
  await callPath(database);
} finally {
  await database.stop();
}

async function compare(on: BenchDatabase, round: number): Promise<void> {
  const own = await on.fresh();
  const figures = await journalAndLoad(on.folder, own.url, calls);
  const read = await rowsOf(own.client);
  const rows = countOf(read);
  const table = new Table({ head: ['', 'rows a second', 'calls a second', 'of COPY'], style: plain });
  const rates = new Map<string, number>();
  const time = async (name: string, work: (client: pg.Client) => Promise<number>): Promise<void> => {
    const { client } = await on.fresh();
    await client.query(`select make_records_month(month::timestamptz) from unnest($1::text[]) as month`, [
      [
        ...new Set(
          read.flatMap((of) =>
            of.table === 'calls' ? of.rows.map((row) => `${row[1]?.slice(0, 7) ?? ''}-01`) : [],
          ),
        ),
      ],
    ]);
    const began = performance.now();
    const inserted = await work(client);
    rates.set(name, (inserted * 1000) / (performance.now() - began));
  };
  rates.set('tollbridge: read, settle, load', rows / figures.loadSeconds);
  await time('COPY, a table at once', async (client) => copyAll(client, read).then(() => rows));
  await time('insert … unnest … on conflict, 1,000 rows', async (client) =>
    insertBatches(client, read, 1000).then(() => rows),
  );
  await time('single inserts', (client) => insertSingly(client, read, 1000));
  const copied = rates.get('COPY, a table at once') ?? Number.NaN;
  for (const [name, rate] of rates)
    table.push([name, whole(rate), whole((rate * calls) / rows), (rate / copied).toFixed(2)]);
  say(`\nRound ${round}: ${whole(calls)} calls, ${whole(rows)} rows`);
  say(table.toString());
  const { journalledPerSecond, journalBytesPerCall, startSeconds, loadSeconds, micros } = figures;
  const withStart = rows / (startSeconds + loadSeconds) / copied;
  say(
    `The loading thread was ready after ${startSeconds.toFixed(2)} s; with these it is ${withStart.toFixed(2)} of COPY.`,
  );
  say(
    `Journalled ${whole(journalledPerSecond)} calls a second, ${whole(journalBytesPerCall)} bytes a call. ` +
      `Main thread: ${micros.journal.toFixed(1)} µs a call to journal it, ${micros.load.toFixed(1)} while it is loaded.`,
  );
  if (round === 1) await sizes(own.client);
}

async function sizes(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; data: string; indexes: string }>(
    `select coalesce(parent.relname, each.relname) as name, sum(pg_table_size(each.oid)) as data,
            sum(pg_indexes_size(each.oid)) as indexes
       from pg_class each left join pg_inherits on inhrelid = each.oid left join pg_class parent on parent.oid = inhparent
      where each.relkind = 'r' and coalesce(parent.relname, each.relname)
              in ('calls', 'attempts', 'ledger_entries', 'call_media')
      group by 1 order by 1`,
  );
  const table = new Table({ head: ['bytes a call', 'rows', 'indexes'], style: plain });
  let sum = 0;
  for (const { name, data, indexes } of rows) {
    sum += Number(data) + Number(indexes);
    table.push([name, whole(Number(data) / calls), whole(Number(indexes) / calls)]);
  }
  say(table.toString());
  say(`${whole(sum / calls)} bytes a call in all.`);
}

async function callPath(on: BenchDatabase): Promise<void> {
  const table = new Table({
    head: [
      'calls a second',
      'wait p50, µs',
      'p99',
      'p99.9',
      'the disk alone p50',
      'p99',
      'main thread, µs a line',
      'a call',
      'lag at the end',
    ],
    style: plain,
  });
  for (const perSecond of [50, 500]) {
    const { url } = await on.fresh();
    const seen = await callsAtARate(on.folder, url, { perSecond, seconds: quick ? 5 : 20 });
    const { wait, disk, perCall, perLine, lag } = seen;
    table.push([
      perSecond,
      whole(wait.p50),
      whole(wait.p99),
      whole(wait.p999),
      whole(disk.p50),
      whole(disk.p99),
      perLine.toFixed(1),
      perCall.toFixed(1),
      lag,
    ]);
  }
  say(`\nThe call path (load average ${loadavg()[0]?.toFixed(1) ?? ''})`);
  say(table.toString());
}

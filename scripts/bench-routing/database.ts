/** A Postgres of the benchmark's own: for Kamailio's tables, and for the decision made by SQL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { numberAt, ownerAt } from './made-up-network.ts';

export interface BenchDatabase {
  readonly url: string;
  readonly client: pg.Client;
  /** Brings the table of numbers to that many. */
  numbers(count: number): Promise<void>;
  stop(): Promise<void>;
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const silent = (): void => undefined;
  const database = await startDatabase({
    dataDir: folder,
    log: { info: silent, warn: silent, error: (fields, message) => console.error(message, fields) },
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create table numbers (number text primary key, campaign text not null, publisher text not null, source text)`);
  let present = 0;
  return {
    url: database.url,
    client,
    numbers: async (count) => {
      const rows = function* (): Generator<readonly unknown[]> {
        for (; present < count; present++) {
          const { campaign, publisher, source } = ownerAt(present);
          yield [numberAt(present), campaign, publisher, source];
        }
      };
      await fill(client, 'numbers', ['text', 'text', 'text', 'text'], rows());
      await client.query('analyze numbers');
    },
    stop: async () => {
      await client.end();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const rowsAtOnce = 20_000;

/** Inserts rows by columns of these types; a type ending in `[]` takes lists of text. */
export async function fill(
  client: pg.Client,
  table: string,
  types: readonly string[],
  rows: Iterable<readonly unknown[]>,
): Promise<void> {
  const columns = types.map((type, at) =>
    // Lists within a list of rows would be unnested with it: they travel as text.
    type.endsWith('[]') ? `c${at}::${type}` : `c${at}`,
  );
  const parameters = types.map((type, at) => `$${at + 1}::${type.replace('[]', '')}[]`);
  const names = types.map((_, at) => `c${at}`);
  const insert = `insert into ${table} select ${columns.join(', ')} from unnest(${parameters.join(', ')}) as r(${names.join(', ')})`;
  let waiting: unknown[][] = types.map(() => []);
  for (const row of rows) {
    for (const [at, column] of waiting.entries()) column.push(row[at] ?? null);
    if ((waiting[0]?.length ?? 0) < rowsAtOnce) continue;
    await client.query(insert, waiting);
    waiting = types.map(() => []);
  }
  await client.query(insert, waiting);
}

/** A list as Postgres writes one. */
export function textList(values: readonly unknown[]): string {
  return `{${values.map((value) => JSON.stringify(String(value))).join(',')}}`;
}

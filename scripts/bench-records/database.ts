/** A Postgres of the benchmark's own; each contender gets a fresh, migrated database on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords } from '../../src/records/open-records.ts';

export interface BenchDatabase {
  readonly folder: string;
  fresh(): Promise<{ readonly url: string; readonly client: pg.Client }>;
  stop(): Promise<void>;
}

const complain = (fields: object, message: string): void => console.error(message, fields);
const silent = (): void => undefined;
export const log = { info: silent, warn: complain, error: complain };

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const database = await startDatabase({ dataDir: folder, log });
  const clients: pg.Client[] = [];
  const connect = async (url: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    clients.push(client);
    return client;
  };
  const root = await connect(database.url);
  let made = 0;
  return {
    folder,
    fresh: async () => {
      const name = `bench_${++made}`;
      await root.query(`create database ${name}`);
      const url = Object.assign(new URL(database.url), { pathname: `/${name}` }).href;
      const records = openRecords({ url, log });
      await migrate(records.db);
      await records.close();
      return { url, client: await connect(url) };
    },
    stop: async () => {
      for (const client of clients) await client.end();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Postgres for one test file: DATABASE_URL where it is set, else an embedded one in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDatabase } from '../../../src/embedded/database/database.ts';
import { migrate } from '../../../src/records/migrate.ts';
import { openRecords, type Records } from '../../../src/records/open-records.ts';
import { quiet } from './quiet.ts';

export interface TestDatabase {
  readonly url: string;
  /** A fresh, migrated database on it. */
  fresh(): Promise<Records & { readonly url: string }>;
  stop(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const given = process.env['DATABASE_URL'];
  const dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-test-'));
  const embedded = given === undefined ? await startDatabase({ dataDir, log: quiet }) : null;
  const url = embedded?.url ?? given!;
  const made: { readonly name: string; readonly records: Records }[] = [];
  return {
    url,
    fresh: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await ask(url, `create database ${name}`);
      const own = Object.assign(new URL(url), { pathname: `/${name}` }).href;
      const records = openRecords({ url: own, log: quiet });
      made.push({ name, records });
      await migrate(records.db);
      return { ...records, url: own };
    },
    stop: async () => {
      for (const { name, records } of made) {
        await records.close();
        if (given !== undefined) await ask(url, `drop database ${name} with (force)`);
      }
      await embedded?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, question: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(question);
  await client.end();
}

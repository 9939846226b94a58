import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

// Each command compiles the sources that it needs.
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
});

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

function calls(): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const command = [path('../../src/cli/main.ts'), 'calls', '--config', path('../../config/tollbridge.yaml')];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', path('support/typescript-hook.mjs'), ...command],
      { env: { ...process.env, DATABASE_URL: records.url } },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

const ran = async (): Promise<number> => {
  const { rows } = await sql`select from kysely_migration`.execute(records.db);
  return rows.length;
};

it('a command refuses the records of an older version, and leaves them as they are', async () => {
  await sql`delete from kysely_migration where name = (select max(name) from kysely_migration)`.execute(
    records.db,
  );
  const before = await ran();
  expect(await calls()).toMatchObject({
    code: 1,
    err: expect.stringMatching(/refused: an older tollbridge made these records\n +a start of the switch/),
  });
  expect(await ran()).toBe(before);
});

it('and those of a newer one', async () => {
  await sql`insert into kysely_migration (name, timestamp) values ('9999-to-come', '')`.execute(records.db);
  expect(await calls()).toMatchObject({ code: 1, err: expect.stringContaining('a newer tollbridge') });
});

it('a command asks a database that only reads', async () => {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(records.db);
  await sql`alter database ${sql.id(rows[0]!.name)} set default_transaction_read_only = on`.execute(
    records.db,
  );
  expect(await calls()).toMatchObject({ code: 0, err: '' });
});

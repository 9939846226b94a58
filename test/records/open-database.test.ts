import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/open-database.ts';
import type { Records } from '../../src/records/open-records.ts';
import { freePort } from '../support/ports.ts';
import { openRoad, type Road } from './support/road.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let records: Records;
let road: Road;
const releases: (() => unknown)[] = [];
const logger = pino({ level: 'silent' });

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  road = await openRoad(records.url);
});
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
  road.close();
});

it('waits for a database that is away, and says why it is not ready', async () => {
  road.block();
  const http = { host: '127.0.0.1', port: await freePort(), token: null, rate: { token: 100, address: 100 } };
  const opened = openDatabase({ database: { url: road.url }, data: '', http }, logger, releases);
  const ask = (path: string) => fetch(`http://127.0.0.1:${http.port}${path}`);
  await expect.poll(() => ask('/readyz').catch(() => null)).not.toBeNull();
  const told = await ask('/readyz');
  expect(told.status).toBe(503);
  expect(await told.json()).toEqual({
    ready: false,
    reasons: [expect.stringMatching(/^waits for the database at postgres:\/\/127\.0\.0\.1:\d+\/test_/)],
  });
  expect((await ask('/healthz')).status).toBe(200);

  road.open();
  const found = await opened;
  if (typeof found === 'string') throw new Error(found);
  const { rows } = await sql<{ calls: bigint }>`select count(*) as calls from calls`.execute(found.db);
  expect(rows).toEqual([{ calls: 0n }]);
  // The port is free again for the switch itself.
  await expect(ask('/healthz')).rejects.toThrow();
});

it('does not wait for what waiting does not mend', async () => {
  const http = { host: '127.0.0.1', port: await freePort(), token: null, rate: { token: 100, address: 100 } };
  const url = Object.assign(new URL(records.url), { pathname: '/nothing_of_the_kind' }).href;
  const opened = await openDatabase({ database: { url }, data: '', http }, logger, releases);
  expect(opened).toMatch(/cannot be used: database "nothing_of_the_kind" does not exist$/);
});

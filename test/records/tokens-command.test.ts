/** Tokens of the API, from the shell. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { useToken, tokenHash } from '../../src/records/api/tokens.ts';
import type { Records } from '../../src/records/open-records.ts';
import { tollbridge as run } from '../unit/cli/support.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let db: Records['db'];
const config = fileURLToPath(new URL('../../config/tollbridge.yaml', import.meta.url));

beforeAll(async () => {
  database = await startTestDatabase();
  const records = await database.fresh();
  ({ db } = records);
  vi.stubEnv('DATABASE_URL', records.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.stop();
});

const tokens = async (...args: string[]) => {
  const { code, stdout: out, stderr: err } = await run('tokens', ...args, '--config', config);
  return { code, out, err };
};
const json = async (...args: string[]) =>
  JSON.parse((await tokens(...args, '--json')).out) as Record<string, string>;
const holderOf = (token: string) => useToken(db, { hash: tokenHash(token), now: new Date() });
const ann = ['--role', 'publisher', '--publisher', 'clickwise', '--label', 'Ann'];

it('adds one, tells it once, rotates it and revokes it', async () => {
  const { token = '', id = '', ...view } = await json('add', ...ann, '--expires', '2036-01-01');
  expect(view).toMatchObject({ role: 'publisher', publisher: 'clickwise', label: 'Ann', state: 'valid' });
  // Midnight in New York.
  expect(view['expires_at']).toBe('2036-01-01T05:00:00.000Z');
  expect(await holderOf(token)).toEqual({
    ...{ id, label: 'Ann', holder: { role: 'publisher', publisher: 'clickwise' } },
  });
  const listed = await tokens('list', '--json');
  expect(listed.out).toContain(id);
  expect(listed.out).not.toContain(token);

  const rotated = await json('rotate', id, '--grace', '1h');
  expect(rotated['token']).not.toBe(token);
  expect(await holderOf(token)).not.toBeNull();
  expect(await holderOf(rotated['token'] ?? '')).not.toBeNull();

  expect(await json('revoke', id)).toMatchObject({ id, state: 'revoked' });
  expect(await holderOf(token)).toBeNull();
  expect(await tokens('rotate', id)).toMatchObject({ code: 1, err: expect.stringContaining('is revoked') });
});

it.each<[string[], number, string]>([
  [['add', '--role', 'publisher', '--label', 'x'], 2, '--publisher is wanted'],
  [['add', '--role', 'admin', '--publisher', 'clickwise', '--label', 'x'], 2, 'and with no other'],
  [['add', '--role', 'buyer', '--label', 'x'], 2, 'Allowed choices'],
  [
    ['add', '--role', 'publisher', '--publisher', 'nobody', '--label', 'x'],
    1,
    'there is no publisher nobody',
  ],
  [['add', '--role', 'admin', '--label', 'x', '--expires', '2020-01-01'], 1, 'expired already'],
  [['add', '--role', 'admin', '--label', ' '], 1, 'a label is one line'],
  [['revoke', 'none'], 1, 'there is no token none'],
  [['rotate', 'none'], 1, 'there is no token none'],
])('%j: %i', async (args, code, said) => {
  const answer = await tokens(...args);
  expect(answer.code).toBe(code);
  expect(answer.err).toContain(said);
});

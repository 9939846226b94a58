import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastingBytes } from '../../src/composition/lasting-bytes.ts';
import { switchId } from '../../src/composition/lasting-keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollbridge-lasting-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('are the same each time, their own in each folder, and their owner’s to read', async () => {
  const file = join(folder, 'some.key');
  const made = await lastingBytes(file, 32);
  expect(made).toHaveLength(32);
  expect(await lastingBytes(file, 32)).toEqual(made);
  expect(await lastingBytes(join(folder, 'other.key'), 32)).not.toEqual(made);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['other.key', 'some.key']);
});

test('that were half written aside when the machine died are made anew; a file of another length is nobody’s to replace', async () => {
  const file = join(folder, 'some.key');
  await writeFile(`${file}.new`, 'abc');
  expect(await lastingBytes(file, 8)).toHaveLength(8);
  await writeFile(file, 'abc');
  await expect(lastingBytes(file, 8)).rejects.toThrow(`${file} does not hold 8 bytes`);
});

test('the id of a switch fits into a header', async () => {
  expect(await switchId(folder)).toMatch(/^[0-9a-f]{16}$/);
  expect(await switchId(folder)).toBe(await switchId(folder));
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tollbridge } from './support.ts';

const example = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');

/** The example beside its prompts, with some of its text changed. */
async function changed(...changes: readonly (readonly [from: string, to: string])[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-diff-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const text = (await readFile(example, 'utf8')).replaceAll('prompts/', `${dirname(example)}/prompts/`);
  const file = join(dir, 'tollbridge.yaml');
  await writeFile(
    file,
    changes.reduce((before, [from, to]) => before.replace(from, () => to), text),
  );
  return file;
}

test('nothing changes', async () => {
  expect(await tollbridge('diff', example, example)).toEqual({
    code: 0,
    stdout: 'nothing changes for anyone\n',
    stderr: '',
  });
});

test('in words, by whom it touches', async () => {
  const after = await changed(
    ['pays: 45.00', 'pays: 50.00'],
    ['concurrency: 2\n', 'concurrency: 3\n'],
    ['publisher: homeleads', 'publisher: clickwise'],
    ['data: data', `data: ${dirname(example)}/data`],
  );
  const { code, stdout } = await tollbridge('diff', example, after);
  expect(code).toBe(0);
  expect(stdout).toBe(`Buyers
  Sunrise Solar pays 50.00 instead of 45.00 for connected at least 90 s
  Helio Energy takes 3 calls at once instead of 2 calls at once
Numbers
  +18005550102: moves from homeleads to clickwise
`);
  const json = await tollbridge('diff', example, after, '--json');
  expect(json.code).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({
    same_table: false,
    changes: [
      { about: 'buyer', id: 'sunrise' },
      { about: 'buyer', id: 'helio' },
      { about: 'number', id: '+18005550102' },
    ],
  });
});

test('a config that does not load is told, and is exit 1', async () => {
  const after = await changed(['trunk: sunrise-pbx', 'trunk: nowhere']);
  const { code, stdout, stderr } = await tollbridge('diff', example, after);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('error: buyers.sunrise.trunk: there is no trunk "nowhere"');
});

test('wrong usage is 2', async () => {
  expect(await tollbridge('diff', example)).toMatchObject({ code: 2 });
});

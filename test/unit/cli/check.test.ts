import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tollbridge } from './support.ts';

const example = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');

async function written(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-cli-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'bad.yaml');
  await writeFile(file, text);
  return file;
}

test('a right config', async () => {
  expect(await tollbridge('check', example, '--json')).toEqual({
    code: 0,
    stdout: `${JSON.stringify({ ok: true, problems: [] }, null, 2)}\n`,
    stderr: '',
  });
  const { code, stdout } = await tollbridge('check', '--config', example);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {2}1 campaign, 3 buyers, 3 numbers; table [0-9a-f]{12}\n$/);
});

test('a wrong config: file:line:column, what is wrong, the way out; exit 1', async () => {
  const file = await written('network: { name: A, country: US, timezone: UTC, currency: USD }\nbuyrs: {}\n');
  const forPeople = await tollbridge('check', file);
  expect(forPeople.code).toBe(1);
  expect(forPeople.stdout).toMatch(
    /bad\.yaml:2:1: error: buyrs: unknown key "buyrs"\n {4}did you mean "buyers"\?\n1 error\n$/,
  );
  expect(forPeople.stdout).not.toContain('\u001b');
  const forPrograms = await tollbridge('check', file, '--json');
  expect(forPrograms.code).toBe(1);
  expect(JSON.parse(forPrograms.stdout)).toEqual({
    ok: false,
    problems: [
      {
        severity: 'error',
        file,
        path: 'buyrs',
        line: 2,
        column: 1,
        message: 'unknown key "buyrs"',
        hint: 'did you mean "buyers"?',
      },
    ],
  });
});

test('with warnings only it is right', async () => {
  const file = await written(
    'network: { name: A, country: US, timezone: UTC, currency: USD }\ntrunks: { a: { uri: "sip:a" } }\n',
  );
  const { code, stdout } = await tollbridge('check', file, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    problems: [{ severity: 'warning', path: 'trunks.a' }],
  });
});

test('a payout that can exceed the revenue is a warning, at its place', async () => {
  const lines = [
    'network: { name: A, country: US, timezone: UTC, currency: USD }',
    'trunks: { pbx: { uri: "sip:127.0.0.1:5091" } }',
    'buyers: { sunrise: { trunk: pbx, dial: "+12145550111", revenue: [ { pays: 45.00 } ] } }',
    'publishers: { clickwise: {} }',
    'numbers: { "+18005550100": { campaign: solar, publisher: clickwise } }',
    'campaigns: { solar: { routing: { routes: [ { buyer: sunrise } ] }, payout: [ { pays: 45.01 } ] } }',
  ];
  const text = lines.join('\n');
  const checked = async (file: string) => {
    const { code, stdout } = await tollbridge('check', file, '--json');
    return { code, ...(JSON.parse(stdout) as { problems: { message: string }[] }) };
  };
  const found = await checked(await written(text));
  const tooMuch = {
    ...{ severity: 'warning', path: 'campaigns.solar.payout.0.pays', line: 6 },
    message: 'can exceed the revenue: sunrise pays at most 45.00',
  };
  expect(found).toMatchObject({ code: 0, ok: true });
  expect(found.problems).toContainEqual(expect.objectContaining(tooMuch));
  const right = await checked(await written(text.replace('45.01', '45.00')));
  expect(right.problems.filter(({ message }) => message.includes('exceed'))).toEqual([]);
});

test('a file that is not there', async () => {
  const { code, stdout } = await tollbridge('check', '/nowhere/at/all.yaml');
  expect(code).toBe(1);
  expect(stdout).toContain('/nowhere/at/all.yaml: error: does not exist\n');
});

test('wrong usage is 2, help and version are 0', async () => {
  const version = await tollbridge('--version');
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await tollbridge('check', '--help')).code).toBe(0);
  expect(await tollbridge('check', '--no-such-option')).toMatchObject({ code: 2 });
  expect(await tollbridge('check', 'a', 'b')).toMatchObject({ code: 2 });
});

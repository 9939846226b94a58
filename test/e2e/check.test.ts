import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseDocument } from 'yaml';
import { tollbridge } from '../support/switch.ts';
import { writeSwitchConfig } from '../support/switch-config.ts';

interface Problem {
  path: string;
  line: number | null;
  column: number | null;
  message: string;
  hint: string;
}

const setup = {
  buyers: { sunrise: { whisper: 'prompts/whisper.wav' }, helio: {} },
  campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }, { buyer: 'helio' }] } } },
};

test('a right config: exit 0, no problems', async () => {
  const file = await config();
  const { code, stdout } = await tollbridge('check', file, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [] });
  expect(code).toBe(0);
});

test('a wrong config: every error at once with its place and a way out, exit 1', async () => {
  const file = await config([
    [['buyers', 'sunrise', 'trunk'], 'nowhere-pbx'],
    [['buyers', 'helio', 'concurrency'], 'many'],
    [['buyers', 'sunrise', 'whisper'], 'prompts/missing.wav'],
    [['campaigns', 'solar', 'routing', 'ring'], '20 parsecs'],
    [['network', 'timezone'], 'America/Atlantis'],
  ]);
  const { code, stdout } = await tollbridge('check', file, '--json');
  expect(code).toBe(1);
  const result = JSON.parse(stdout) as { ok: boolean; problems: Problem[] };
  expect(result.ok).toBe(false);
  const text = (await readFile(file, 'utf8')).split('\n');
  for (const [path, wrong] of [
    ['buyers.sunrise.trunk', 'nowhere-pbx'],
    ['buyers.helio.concurrency', 'many'],
    ['buyers.sunrise.whisper', 'prompts/missing.wav'],
    ['campaigns.solar.routing.ring', '20 parsecs'],
    ['network.timezone', 'America/Atlantis'],
  ] as const) {
    const problem = result.problems.find((one) => one.path === path);
    expect(problem, `a problem at ${path}`).toBeDefined();
    expect(text[(problem?.line ?? 0) - 1], `line of ${path}`).toContain(wrong);
    expect(problem?.column, `column of ${path}`).toBeGreaterThan(0);
    expect(problem?.hint, `hint for ${path}`).not.toBe('');
  }
});

test('serve refuses a wrong config in words for people, exit 1', async () => {
  const file = await config([[['buyers', 'sunrise', 'trunk'], 'nowhere-pbx']]);
  const { code, stdout, stderr } = await tollbridge('serve', '--config', file);
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(/tollbridge\.yaml:\d+:\d+/);
  expect(stdout + stderr).toContain('nowhere-pbx');
});

test('wrong usage: exit 2', async () => {
  expect((await tollbridge('no-such-command')).code).toBe(2);
  expect((await tollbridge('calls', '--no-such-option')).code).toBe(2);
});

async function config(changes: readonly (readonly [readonly string[], string])[] = []): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-check-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const trunks = new Map([
    ['sunrise', 5091],
    ['helio', 5092],
  ]);
  const file = await writeSwitchConfig(directory, setup, { sip: 5060, http: 8080, trunks });
  const document = parseDocument(await readFile(file, 'utf8'));
  for (const [path, value] of changes) document.setIn(path, value);
  await writeFile(file, document.toString());
  return file;
}

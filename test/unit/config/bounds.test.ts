import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/load.ts';
import { base, changed, configFolder, configOf, problemsOf, wave } from './support.ts';

describe('what becomes a timer runs 24 days at most', () => {
  const routing = (more: string) => changed('routing: { routes', `routing: { ${more}, routes`);
  test.each([
    ['limits.max_call', `limits: { max_call: 25d }\n${base}`],
    ['limits.drain', `limits: { drain: 25d }\n${base}`],
    ['limits.rtp_timeout', `limits: { rtp_timeout: 600h }\n${base}`],
    ['trunks.sunrise-pbx.probe.every', changed('5091" }', '5091", probe: { every: 25d } }')],
    ['campaigns.solar.routing.ring', routing('ring: 25d')],
    ['campaigns.solar.routing.give_up', routing('give_up: 25d')],
    ['campaigns.solar.routing.on_early_hangup.within', routing('on_early_hangup: { within: 25d }')],
    ['ivrs.solar.steps.homeowner.menu.timeout', changed('menu: { play', 'menu: { timeout: 25d, play')],
    ['ivrs.solar.steps.zip.gather.timeout', changed('gather: { play', 'gather: { timeout: 25d, play')],
  ])('%s', async (path, text) => {
    const errors = (await problemsOf(text)).filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([
      {
        path,
        message: expect.stringContaining('is longer than a timer can run'),
        hint: 'at most 24 days: 24d',
      },
    ]);
  });

  test('24 days are taken, no drain too, and windows are as long as they like', async () => {
    const text = changed('pool: toll-free\n', 'pool: toll-free\n    once_per_caller: 3650d\n');
    const { limits } = await configOf(`limits: { max_call: 24d, drain: 0s }\n${text}`);
    expect(limits).toMatchObject({ maxCall: 24 * 86_400_000, drain: 0 });
  });
});

describe('a prompt whose path no media server can be given', () => {
  test.each([
    ["a quote in the file's name", "it's.wav", '"it\'s.wav"', ''],
    ["a line break in the file's name", 'two\nlines.wav', '"two\\nlines.wav"', ''],
    ["a quote in the folder's name", 'menu.wav', 'menu.wav', "o'brien"],
  ])('%s', async (_, name, written, folder) => {
    const dir = join(configFolder(), folder);
    mkdirSync(dir, { recursive: true });
    for (const file of [name, 'whisper.wav', 'menu.wav']) writeFileSync(join(dir, file), wave());
    const text = base.replaceAll('play: menu.wav', `play: ${written}`);
    const { ok, problems } = await readConfig(join(dir, 'tollbridge.yaml'), text, {});
    expect(ok).toBe(false);
    expect(problems).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        path: 'ivrs.solar.steps.homeowner.menu.play',
        message: expect.stringContaining('holds a quote, a $, a backslash or a line break'),
      }),
    );
  });
});

describe('HTTP that strangers can reach', () => {
  const about = async (http: string) =>
    (await problemsOf(`http: ${http}\n${base}`)).filter(({ path }) => path === 'http.listen');

  test.each(['0.0.0.0:8080', '192.0.2.1:8080', '[::]:8080', 'switch.example.com:8080'])(
    '%s without a token is warned of',
    async (listen) => {
      expect(await about(`{ listen: "${listen}" }`)).toMatchObject([
        { severity: 'warning', line: 1, hint: expect.stringContaining('http.token') },
      ]);
      expect(await about(`{ listen: "${listen}", token: "" }`)).toHaveLength(1);
      expect(await about(`{ listen: "${listen}", token: secret }`)).toEqual([]);
    },
  );

  test.each(['127.0.0.1:8080', '127.8.0.1:8080', 'localhost:8080', '[::1]:8080'])(
    '%s without a token is not',
    async (listen) => {
      expect(await about(`{ listen: "${listen}" }`)).toEqual([]);
    },
  );
});

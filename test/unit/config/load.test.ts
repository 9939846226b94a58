import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeWave } from '../../../src/config/checks/wave.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { withOverrides } from '../../../src/config/overrides.ts';
import { base, changed, configOf, problemsOf, wave } from './support.ts';

describe('files that are no config', () => {
  const told = async (file: string): Promise<string> => {
    const result = await loadConfig(file, {});
    expect(result.ok).toBe(false);
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]).toMatchObject({ line: null, column: null, path: '' });
    return result.problems[0]!.message;
  };

  test('missing, a folder, binary, not UTF-8, too large', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tollbridge-load-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'a.yaml');
    expect(await told(file)).toBe('does not exist');
    expect(await told(dir)).toBe('is a folder');
    expect(await told(process.execPath)).toMatch(/^is too large/);
    await writeFile(file, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
    expect(await told(file)).toBe('is not text');
    await writeFile(file, Buffer.from([0x6e, 0x3a, 0x20, 0xff, 0xfe]));
    expect(await told(file)).toBe('is not text in UTF-8');
    await writeFile(file, '#'.repeat(40 * 1024 * 1024));
    expect(await told(file)).toBe('is too large (40.0 MB)');
  });
});

describe('what a text means is for its field to say', () => {
  test('off is a word, a plus is kept, a leading zero too', async () => {
    let text = changed('ivr: solar\n', 'ivr: solar\n    record: off\n');
    text = changed('dial: "+12145550111"', 'dial: +12145550111', text);
    text = changed('ivr.zip: 75001', 'ivr.zip: 01234', text);
    const { network, terms } = await configOf(text);
    expect(network.campaigns.get('solar')!.record).toBe('off');
    expect(network.buyers.get('sunrise')!.dial).toBe('+12145550111');
    expect(terms.campaigns.get('solar')!.payout[0]!.when).toEqual([
      { kind: 'is', attribute: 'ivr.zip', values: ['01234'] },
    ]);
  });

  test('anchors stand for what they name', async () => {
    const text = changed('hours: { mon-fri: [ 08:00-18:00 ] }', 'hours: &h { mon-fri: [ 08:00-18:00 ] }');
    const twice = changed(
      '\nivrs:',
      '\n  helio: { trunk: sunrise-pbx, dial: "+13125550122", hours: *h }\nivrs:',
      text,
    );
    const { buyers } = (await configOf(twice)).network;
    expect(buyers.get('helio')!.hours).toEqual(buyers.get('sunrise')!.hours);
  });

  test('a section without entries is as good as not there', async () => {
    expect(
      await problemsOf(
        changed(
          '  clickwise: { payout: { solar: [ { pays: 30.00 } ] } }\nnumbers:\n  "+18005550100": { campaign: solar, publisher: clickwise }\n',
          'numbers:\n',
        ),
      ),
    ).toEqual([]);
  });

  test('keys that every object has are names like any other', async () => {
    const problems = await problemsOf(`${base}constructor: 1\n__proto__: 2\n`);
    expect(problems.map(({ path }) => path)).toEqual(['constructor', '__proto__']);
    const named = await problemsOf(changed('trunk: sunrise-pbx', 'trunk: constructor'));
    expect(named.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['there is no trunk "constructor"']),
    );
  });
});

describe('the environment', () => {
  const withName = (name: string): string => changed('name: Test', `name: "${name}"`);
  const nameOf = async (name: string, env: Record<string, string>): Promise<string> =>
    (await configOf(withName(name), env)).name;

  test('fills in, falls back, and leaves alone what is escaped', async () => {
    expect(await nameOf('${WHO} Calls', { WHO: 'Acme' })).toBe('Acme Calls');
    expect(await nameOf('${WHO:-Nobody}', {})).toBe('Nobody');
    expect(await nameOf('${WHO:-Nobody}', { WHO: '' })).toBe('Nobody');
    expect(await nameOf('$${WHO}', {})).toBe('${WHO}');
  });

  test('what it puts in may be a secret, and is not repeated', async () => {
    const [problem] = await problemsOf(changed('limit: 40', 'limit: "${LIMIT}"'), { LIMIT: 'hunter2' });
    expect(problem!.message).toBe('"${LIMIT}" is not a whole number');
  });

  test('what it puts in is text: it adds no keys', async () => {
    expect(await nameOf('${WHO}', { WHO: 'x, country: DE' })).toBe('x, country: DE');
  });

  test('the options of a command and the environment stand above the file', async () => {
    const config = await configOf(base);
    const over = (data: string | undefined, env: Record<string, string>) =>
      withOverrides(config, { data, env });
    expect(over(undefined, {})).toEqual({ ok: true, value: config });
    expect(over(undefined, { TOLLBRIDGE_DATA: '/a' })).toMatchObject({ value: { data: '/a' } });
    expect(over('/b', { TOLLBRIDGE_DATA: '/a' })).toMatchObject({ value: { data: '/b' } });
    const url = 'postgres://u:p@db/x';
    expect(over(undefined, { DATABASE_URL: url })).toMatchObject({ value: { database: { url } } });
    expect(over(undefined, { DATABASE_URL: 'nonsense' })).toMatchObject({ ok: false });
  });
});

describe('the hash', () => {
  test('is of what routes and settles, nothing else', async () => {
    const { hash } = await configOf(base);
    expect(hash).toMatch(/^[0-9a-f]{12}$/);
    expect((await configOf(`# a comment\n${base}`)).hash).toBe(hash);
    expect((await configOf(changed('carriers:', 'limits: { max_calls: 3 }\ncarriers:'))).hash).toBe(hash);
    expect((await configOf(changed('pays: 45.00', 'pays: 45.01'))).hash).not.toBe(hash);
    expect((await configOf(changed('08:00-18:00', '08:00-18:01'))).hash).not.toBe(hash);
  });

  test('does not depend on a password', async () => {
    const withPassword = (password: string): string =>
      changed(
        'uri: "sip:127.0.0.1:5091"',
        `uri: "sip:127.0.0.1:5091", auth: { username: a, password: ${password} }`,
      );
    expect((await configOf(withPassword('x'))).hash).toBe((await configOf(withPassword('y'))).hash);
  });
});

test.each([
  ['16-bit PCM', wave(), null],
  ['A-law', wave({ tag: 6, bits: 8 }), null],
  ['µ-law', wave({ tag: 7, bits: 8 }), null],
  ['16 kHz', wave({ rate: 16_000 }), 'plays at 16000 Hz, not 8000'],
  ['stereo', wave({ channels: 2 }), 'has 2 channels, not one'],
  ['8-bit PCM', wave({ bits: 8 }), 'is neither 16-bit PCM nor G.711 (format 1, 8 bits)'],
  ['MP3 in WAV', wave({ tag: 0x55 }), 'is neither 16-bit PCM nor G.711 (format 85, 16 bits)'],
  ['silent', wave({ data: 0 }), 'holds no sound'],
  ['cut short', wave().subarray(0, 36), 'is cut short: it holds no sound'],
  ['no WAV', Buffer.from('ID3 and so on'), 'is not a WAV file'],
  ['nothing', Buffer.alloc(0), 'is not a WAV file'],
])('a prompt: %s', (_name, bytes, wrong) => expect(describeWave(bytes)).toBe(wrong));

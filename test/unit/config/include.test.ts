/** Several files are one config: found by patterns, told apart in problems, each with paths of its own. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { base, configFolder, configOf, wave } from './support.ts';

async function loaded(
  files: Readonly<Record<string, string | Buffer>>,
): Promise<{ dir: string; result: LoadResult; told: string[] }> {
  const dir = configFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const result = await loadConfig(join(dir, 'tollbridge.yaml'), {});
  const told = result.problems.map(
    ({ file, line, column, path, message, hint }) =>
      `${relative(dir, file)}:${line}:${column} ${path}: ${message} | ${hint}`,
  );
  return { dir, result, told };
}

/** The base cut in two: its first lines with `include`, and the section of buyers, as a file of its own. */
const [head = '', tail = ''] = base.split('buyers:\n');
const [ownBuyers = '', rest = ''] = tail.split('ivrs:\n');
const buyers = `buyers:\n${ownBuyers}`;
const main = (include: string): string => `${head}include: ${include}\nivrs:\n${rest}`;

describe('a config in several files', () => {
  test('is the config that one file would be, by the same hash', async () => {
    const { dir, result } = await loaded({
      'tollbridge.yaml': main('[ "buyers/*.yaml" ]'),
      'buyers/sunrise.yaml': buyers,
      'buyers/whisper.wav': wave(),
      'buyers/notes.txt': 'no YAML: [',
      'buyers/.hidden.yaml': 'no YAML: [',
    });
    expect(result.problems).toEqual([]);
    if (!result.ok) throw new Error('does not load');
    const { config } = result;
    expect(config.files).toEqual([join(dir, 'tollbridge.yaml'), join(dir, 'buyers/sunrise.yaml')]);
    expect(config.folders).toEqual([join(dir, 'buyers')]);
    // Paths start from the folder of the file that says them.
    expect(config.network.buyers.get('sunrise')!.whisper).toBe(join(dir, 'buyers/whisper.wav'));
    const whole = await configOf(base);
    const sameFolder = await loaded({ 'tollbridge.yaml': main('[ b.yaml ]'), 'b.yaml': buyers });
    expect(sameFolder.result.ok && sameFolder.result.config.hash).toBe(whole.hash);
  });

  test('problems carry their own file, line and column', async () => {
    const { told } = await loaded({
      'tollbridge.yaml': main('[ "buyers/*.yaml" ]'),
      'buyers/a.yaml': buyers
        .replace('trunk: sunrise-pbx', 'trunk: sunrise-pxb')
        .replace('limit: 40', 'limit: x'),
    });
    expect(told).toEqual([
      'buyers/a.yaml:3:12 buyers.sunrise.trunk: there is no trunk "sunrise-pxb" | did you mean "sunrise-pbx"?',
      'buyers/a.yaml:6:40 buyers.sunrise.caps.0.limit: "x" is not a whole number | a whole number from 0 to 1000000000',
      'buyers/a.yaml:8:14 buyers.sunrise.whisper: whisper.wav does not exist | paths start from the folder of the file that names them',
    ]);
  });

  test('a name given in two files is an error that names both places', async () => {
    const { told } = await loaded({
      'tollbridge.yaml': main('[ a.yaml, b/c.yaml ]'),
      'a.yaml': buyers,
      'b/c.yaml': `buyers:\n  sunrise: { trunk: sunrise-pbx, dial: "+12125550123" }\ntrunks:\n  sunrise-pbx: { uri: "sip:127.0.0.1" }\n`,
    });
    expect(told).toEqual([
      'b/c.yaml:2:3 buyers.sunrise: "sunrise" is given twice | it stands in ../a.yaml on line 2 already: keep one of the two',
      'b/c.yaml:4:3 trunks.sunrise-pbx: "sunrise-pbx" is given twice | it stands in ../tollbridge.yaml on line 7 already: keep one of the two',
    ]);
  });

  test('so is a number in two ranges of two files', async () => {
    const { told } = await loaded({
      'tollbridge.yaml': `${base}include: [ n.yaml ]\n`,
      'n.yaml': 'numbers:\n  "+18005550050-0119": { campaign: solar, publisher: clickwise }\n',
    });
    expect(told).toEqual([
      'n.yaml:2:3 numbers.+18005550050-0119: +18005550100 is given twice | it stands as "+18005550100" in tollbridge.yaml on line 34 already: keep one of the two',
    ]);
  });

  test('what the switch itself is stands in the file that is named', async () => {
    const { told } = await loaded({
      'tollbridge.yaml': `${base}include: [ a.yaml, b.yaml, c.yaml ]\n`,
      'a.yaml': 'limits: { max_calls: 3 }\nbuyrs: {}\n',
      'b.yaml': '# nothing yet\n',
      'c.yaml': '- no map\n',
    });
    expect(told).toEqual([
      'a.yaml:1:1 limits: "limits" cannot stand in an included file | write it in tollbridge.yaml',
      'a.yaml:2:1 buyrs: unknown key "buyrs" | did you mean "buyers"?',
      'c.yaml:1:1 : the file does not hold a map of sections | one of: carriers, pools, trunks, buyers, ivrs, campaigns, publishers, numbers',
    ]);
  });
});

describe('files that are not there, or are there twice', () => {
  const included = (more: Record<string, string>) =>
    loaded({ 'tollbridge.yaml': `include: [ a.yaml ]\n${base}`, ...more });

  test('a missing file, and nothing is guessed beyond it', async () => {
    expect((await included({})).told).toEqual([
      'tollbridge.yaml:1:12 include.0: a.yaml does not exist | paths start from the folder of this file',
    ]);
  });

  test('a file that is no YAML', async () => {
    const { told, result, dir } = await included({ 'a.yaml': 'buyers: {\n' });
    expect(told[0]).toMatch(/^a\.yaml:2:1 : not YAML: .* \| this must be right before the rest can be read$/);
    // Where it may be put right is told all the same.
    expect(!result.ok && result.files).toEqual([join(dir, 'tollbridge.yaml'), join(dir, 'a.yaml')]);
  });

  test('a pattern that matches nothing is a warning', async () => {
    const { told, result } = await loaded({ 'tollbridge.yaml': `${base}include: [ "more/**/*.yaml" ]\n` });
    expect(result.ok).toBe(true);
    expect(told).toEqual([
      'tollbridge.yaml:35:12 include.0: more/**/*.yaml matches no file | paths start from the folder of this file',
    ]);
  });

  test('a circle, of whatever length, and through another name', async () => {
    expect(
      (await included({ 'a.yaml': 'include: [ b.yaml ]\n', 'b.yaml': 'include: [ a.yaml ]\n' })).told,
    ).toEqual([
      'b.yaml:1:12 include.0: a.yaml includes a.yaml → b.yaml → a.yaml again | a file cannot stand within itself',
    ]);
    expect((await loaded({ 'tollbridge.yaml': `include: [ "*.yaml" ]\n${base}` })).told).toEqual([
      'tollbridge.yaml:1:12 include.0: *.yaml includes tollbridge.yaml → tollbridge.yaml again | a file cannot stand within itself',
    ]);
    const { dir } = await included({ 'a.yaml': 'include: [ link.yaml ]\n' });
    await symlink(join(dir, 'a.yaml'), join(dir, 'link.yaml'));
    expect(
      (await loadConfig(join(dir, 'tollbridge.yaml'), {})).problems.map(({ message }) => message),
    ).toEqual(['link.yaml includes a.yaml → a.yaml again']);
  });

  test('a file that two patterns match counts once', async () => {
    const { result } = await loaded({
      'tollbridge.yaml': main('[ b.yaml, "*b.yaml", "./b.yaml" ]'),
      'b.yaml': buyers,
    });
    expect(result.problems).toEqual([]);
  });

  test.each(['include: a.yaml', 'include: [ 1: 2 ]', 'include: [ "" ]', 'include: [ [ a.yaml ] ]'])(
    '%s is no list of paths',
    async (line) => {
      const { result } = await loaded({ 'tollbridge.yaml': `${line}\n${base}` });
      expect(result.problems).toMatchObject([{ severity: 'error', line: 1 }]);
    },
  );
});

test('patterns: any depth, one letter, alphabetical order', async () => {
  const buyer = (id: string): string => `buyers: { ${id}: { trunk: sunrise-pbx, dial: "+12125550123" } }\n`;
  const { result } = await loaded({
    'tollbridge.yaml': `${base}include: [ "b/**/*.yaml", "x/?.yaml" ]\n`,
    'b/z.yaml': buyer('bz'),
    'b/c/d/e.yaml': buyer('bcde'),
    'b/.git/f.yaml': buyer('hidden'),
    'x/1.yaml': buyer('x1'),
    'x/12.yaml': buyer('x12'),
  });
  if (!result.ok) throw new Error('does not load');
  expect([...result.config.network.buyers.keys()]).toEqual(['sunrise', 'bcde', 'bz', 'x1']);
});

test('a range of numbers stands for each of them', async () => {
  const { network } = await configOf(base.replace('  "+18005550100": {', '  "+18005550100-0102": {'));
  expect([...network.numbers].map(([number]) => number).sort()).toEqual([
    '+18005550100',
    '+18005550101',
    '+18005550102',
  ]);
  expect(network.numbers.get('+18005550101')).toMatchObject({ campaign: 'solar', publisher: 'clickwise' });
});

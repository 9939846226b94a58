/** Every kind of problem, with its line, its column and its way out; the cases stand in problems.txt. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { base, changed, problemsOf } from './support.ts';

interface Case {
  readonly group: string;
  readonly change: string;
  readonly told: readonly string[];
}

const [, ...sections] = readFileSync(new URL('problems.txt', import.meta.url), 'utf8').split(/^# /m);
const cases = sections.flatMap((section): Case[] => {
  const [group = '', ...blocks] = section.trimEnd().split(/\n\n/);
  return blocks.map((block) => {
    const [change = '', ...told] = block.split('\n');
    return { group, change, told: told.map((line) => line.trim()) };
  });
});

describe.each([...new Set(cases.map(({ group }) => group))])('%s', (group) => {
  test.each(cases.filter((one) => one.group === group))('$change', async ({ change, told }) => {
    const [from = '', to = ''] = change.split(' ⇒ ').map(unescape);
    const problems = await problemsOf(changed(from, to));
    const shown = problems.map(({ line, column, path, message, hint }) => [
      `${line}:${column} ${path}`,
      message,
      hint,
    ]);
    expect(shown).toContainEqual(told);
    expect(problems.every(({ severity }) => severity === 'error')).toBe(true);
  });
});

const unescape = (text: string): string => (text === '(nothing)' ? '' : text.replaceAll('\\n', '\n'));

test('there are cases of every group', () => {
  expect(cases.length).toBeGreaterThan(85);
});

test('the base itself has no problem', async () => {
  expect(await problemsOf(base)).toEqual([]);
});

test('all at once, in the order of the file', async () => {
  let text = changed('country: US', 'country: USA');
  text = changed('trunk: sunrise-pbx', 'trunk: nowhere', text);
  text = changed('08:00-18:00', '08:00-25:00', text);
  text = changed('limit: 40', 'limit: forty', text);
  text = changed('whisper: whisper.wav', 'whisper: missing.wav', text);
  text = changed('go: zip }', 'go: zap }', text);
  text = changed('publisher: clickwise', 'publishr: clickwise', text);
  const problems = await problemsOf(text);
  expect(problems.map(({ path }) => path)).toEqual([
    'network.country',
    'buyers.sunrise.trunk',
    'buyers.sunrise.hours.mon-fri.0',
    'buyers.sunrise.caps.0.limit',
    'buyers.sunrise.whisper',
    'ivrs.solar.steps.homeowner.menu.choices.1.go',
    'ivrs.solar.steps.zip',
    'numbers.+18005550100.publishr',
  ]);
});

test('bad syntax is told with its place, and nothing is guessed beyond it', async () => {
  const [problem, ...more] = await problemsOf('network: { name: Test\ncarriers: {}\n');
  expect(problem).toMatchObject({ severity: 'error', path: '' });
  expect(problem!.message).toMatch(/^not YAML: /);
  expect(problem!.line).toBeGreaterThan(0);
  expect(problem!.column).toBeGreaterThan(0);
  expect(more.every(({ message }) => message.startsWith('not YAML: '))).toBe(true);
});

test.each([
  ['', 'the file is empty'],
  ['# nothing but a comment\n', 'the file is empty'],
  ['- a\n- b\n', 'the file does not hold a map of sections'],
  ['just words', 'the file does not hold a map of sections'],
])('%j', async (text, message) => {
  expect(await problemsOf(text)).toEqual([expect.objectContaining({ message, line: 1, column: 1 })]);
});

test('an alias within what it names ends, and is told', async () => {
  const problems = await problemsOf('network: &n { name: *n, country: [ *n, *n, *n ] }\n');
  expect(problems.map(({ message }) => message)).toContain('is nested too deeply, or too large');
});

test('aliases that multiply are cut short', async () => {
  const layers = Array.from(
    { length: 12 },
    (_, at) => `l${at + 1}: &l${at + 1} [ ${Array(9).fill(`*l${at}`).join(', ')} ]`,
  );
  const began = performance.now();
  const problems = await problemsOf(['l0: &l0 lol', ...layers].join('\n'));
  expect(problems.map(({ message }) => message)).toContain('is nested too deeply, or too large');
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('a key that is missing is told unless another was written for it', async () => {
  const told = async (key: string) =>
    (await problemsOf(changed('publisher: clickwise', `${key}: clickwise`))).map(({ path }) => path);
  expect(await told('publishr')).toEqual(['numbers.+18005550100.publishr']);
  expect(await told('whoever')).toEqual(['numbers.+18005550100.publisher', 'numbers.+18005550100.whoever']);
});

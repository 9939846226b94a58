/** What loads, yet is hardly meant; the cases stand in warnings.txt. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { base, changed, problemsOf } from './support.ts';

interface Case {
  readonly group: string;
  readonly change: string;
  readonly told: readonly string[];
}

const [, ...sections] = readFileSync(new URL('warnings.txt', import.meta.url), 'utf8').split(/^# /m);
const cases = sections.flatMap((section): Case[] => {
  const [group = '', ...blocks] = section.trimEnd().split(/\n\n/);
  return blocks.map((block) => {
    const [change = '', ...told] = block.split('\n');
    return { group, change, told: told.map((line) => line.trim()) };
  });
});

/** Two buyers that take any call at any time join those of the base where a case routes to them. */
const openToAll = ['open', 'wide'].map(
  (id) => `  ${id}: { trunk: sunrise-pbx, dial: "+12145550111", revenue: [ { pays: 90.00 } ] }\n`,
);

async function warningsOf(change: string): Promise<string[]> {
  const text = change.split(' & ').reduce((before, one) => {
    const [from = '', to = ''] = one.split(' ⇒ ').map(unescape);
    return changed(from, to, before);
  }, base);
  const needed = /buyer: open|ring: \[ open/.test(text);
  const problems = await problemsOf(needed ? changed('\nivrs:', `\n${openToAll.join('')}ivrs:`, text) : text);
  expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
  return problems.map(
    ({ line, column, path, message, hint }) => `${line}:${column} ${path}: ${message} | ${hint}`,
  );
}

const unescape = (text: string): string => (text === '(nothing)' ? '' : text.replaceAll('\\n', '\n'));

describe.each([...new Set(cases.map(({ group }) => group))])('%s', (group) => {
  test.each(cases.filter((one) => one.group === group))('$change', async ({ change, told }) => {
    expect(await warningsOf(change)).toEqual(told);
  });
});

test('there are cases of every group', () => {
  expect(cases.length).toBeGreaterThan(35);
});

/** Whatever stands in a config file, loading it answers; it never throws, and every problem has a place in the file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config/load.ts';

const file = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');
const example = readFileSync(file, 'utf8');
const scalars = [...new Set(example.match(/[\w.+%:/-]+/g))];

async function answers(text: string): Promise<void> {
  const result = await readConfig(file, text, {});
  const lines = text.split('\n').length;
  for (const { line, column, message } of result.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines + 1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toBe('');
  }
  expect(result.ok).toBe(result.problems.every(({ severity }) => severity === 'warning'));
}

const spot = fc.nat({ max: example.length - 1 });
const strange = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\t',
    '*a',
    '&a',
    '"',
    "'",
    '~',
    'null',
    '!!x ',
    '? ',
    '<<: ',
    '${X}',
    '${',
  ),
  fc.constantFrom(
    '-1',
    '1e999',
    '0x7f',
    '.inf',
    '99999999999999999999',
    '24:00-24:00',
    '2026-13-45',
    '+1-1',
    '999%',
    '__proto__',
    'toString',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

test('a piece cut out, doubled or replaced by something strange', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(spot, fc.nat({ max: 40 }), strange), { minLength: 1, maxLength: 4 }),
      (cuts) =>
        answers(
          cuts.reduce(
            (text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length),
            example,
          ),
        ),
    ),
    { numRuns: 150 },
  );
});

test('any value replaced by any other, and by what is none', async () => {
  const value = fc.oneof(fc.constantFrom(...scalars), strange, fc.string(), fc.json({ maxDepth: 2 }));
  const places = [...example.matchAll(/(?<=: |\[ |, )[\w.+%:/"-]+/g)];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), value, (place, put) =>
      answers(example.slice(0, place.index) + put + example.slice(place.index + place[0].length)),
    ),
    { numRuns: 200 },
  );
});

test('lines in another order', async () => {
  const lines = example.split('\n');
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(lines, { minLength: 1 }), (some) => answers(some.join('\n'))),
    { numRuns: 100 },
  );
});

test('anything at all', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), answers), { numRuns: 200 });
  await fc.assert(fc.asyncProperty(fc.json({ maxDepth: 6 }), answers), { numRuns: 100 });
});

test.each(['['.repeat(100_000), '{a: '.repeat(50_000), '- '.repeat(50_000), 'a: &a [*a, *a]'])(
  'nested without end',
  async (text) => {
    const result = await readConfig(file, text, {});
    expect(result.ok).toBe(false);
  },
);

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConditions } from '../../../src/conditions/parse.ts';
import { schema } from '../../../src/config/schema.ts';
import { allKeys, keysAt } from '../../../src/config/schema-keys.ts';
import { readYaml } from '../../../src/config/yaml/read-yaml.ts';

const manual = readFileSync(new URL('../../../docs/configure.md', import.meta.url), 'utf8');
const shape = schema({ dir: '/', country: 'US', currency: { code: 'USD', minorDigits: 2 } });

/** The part of the manual under a heading such as "## `buyers`". */
function part(section: string): string {
  const [, ...rest] = manual.split(`\n## \`${section}\`\n`);
  return rest.join('').split('\n## ')[0] ?? '';
}
/** What several sections share stands behind them all. */
const shared = manual.split('\n## Caps\n')[1] ?? '';

describe('the manual mentions every key of the schema, under its section', () => {
  test.each([...new Set(allKeys(shape))])('%s', (path) => {
    const [section = '', ...rest] = path.split('.');
    const key = rest.filter((step) => step !== '*').at(-1);
    if (key === undefined) expect(manual).toContain(`\n## \`${section}\`\n`);
    else expect(part(section) + shared).toMatch(new RegExp(`\`[^\`\n]*\\b${key}\\b[^\`\n]*\``));
  });
});

test('the schema is walked through unions, lists and names', () => {
  expect(keysAt(shape, ['engine', 'sip', 'drachtio'])).toEqual(['host', 'port', 'secret']);
  expect(keysAt(shape, ['buyers', 'anyone', 'caps', 0])).toEqual(['count', 'limit', 'per']);
  expect(keysAt(shape, ['nothing', 'here'])).toEqual([]);
});

test('the conditions that it shows are conditions', () => {
  const [, yaml = ''] = /```yaml\n(caller[^`]+)```/.exec(manual) ?? [];
  const read = readYaml(yaml, {});
  expect(read.ok && parseConditions(read.yaml.tree)).toMatchObject({ ok: true });
});

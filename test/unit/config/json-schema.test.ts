/** The JSON Schema for editors: made of the code, up to date, accepting what loads and refusing what plainly does not. */
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../../src/config/json-schema/config-schema.ts';
import { descriptionOf } from '../../../src/config/json-schema/descriptions.ts';
import { schema } from '../../../src/config/schema.ts';
import { allKeys } from '../../../src/config/schema-keys.ts';
import { base, changed } from './support.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const published = read('docs/config.schema.json');
const validate = new Ajv({ allErrors: true }).compile(JSON.parse(published) as object);
const accepts = (yaml: string): boolean => validate(parse(yaml)) === true;

test('the published one is up to date (npm run schema)', () => {
  expect(published).toBe(`${JSON.stringify(configSchema(), null, 2)}\n`);
});

describe('every key is described', () => {
  const shape = schema({ dir: '/', country: 'US', currency: { code: 'USD', minorDigits: 2 } });
  test.each([...new Set(allKeys(shape))])('%s', (path) => {
    expect(descriptionOf(path.split('.'))).toMatch(/\.$/);
  });
});

test.each(['config/tollbridge.yaml', 'config/demo.yaml'])('%s names it, and is accepted', (path) => {
  const text = read(path);
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../docs/config.schema.json');
  validate(parse(text));
  expect(validate.errors).toBeNull();
});

describe('what loads is accepted', () => {
  test.each([
    ['the base', base],
    ['an included file', 'buyers:\n  helio: { trunk: a, dial: "+12125550123", paused: yes }\n'],
    ['a section without entries', `${base}limits:\n`],
    ['the environment, anywhere', changed('limit: 40', 'limit: "${LIMIT:-40}"')],
    ['a range of numbers', changed('  "+18005550100":', '  "+18005550100-0199":')],
    ['a ring group', changed('{ buyer: sunrise }', '{ ring: [ sunrise, helio ], priority: 2 }')],
    [
      'a bid',
      changed(
        '    caps:',
        '    bid: { url: "https://bids.example.com", min: 1.50, timeout: 200ms }\n    caps:',
      ),
    ],
    [
      'nested conditions',
      changed('caller.state: TX', 'any: [ { caller.state: { not: [ TX ] } }, { tag.x: 18-64 } ]'),
    ],
    [
      'routing',
      changed(
        'routing: {',
        'routing: { strategy: best_performing, sticky: 30d, failover: { stop: [ 486, 6xx ] },',
      ),
    ],
    [
      'failover of a trunk and a route',
      changed(
        '{ buyer: sunrise }',
        '{ buyer: sunrise, failover: { stop: [ 6xx ] } }',
        changed('"sip:127.0.0.1:5091" }', '"sip:127.0.0.1:5091", failover: { stop: [ 486 ] } }'),
      ),
    ],
  ])('%s', (_name, yaml) => {
    validate(parse(yaml));
    expect(validate.errors).toBeNull();
  });
});

describe('what plainly does not load is refused', () => {
  test.each([
    ['country: US', 'country: US, cuontry: US'],
    ['name: Test, ', ''],
    ['    trunk: sunrise-pbx\n', ''],
    ['hours: { mon-fri:', 'hours: { mon-fry:'],
    ['08:00-18:00', '8-18'],
    ['limit: 40', 'limit: forty'],
    ['count: connected', 'count: conected'],
    ['caller.state: TX', 'caller.stat: TX'],
    ['caller.state: TX', 'caller.state: []'],
    ['pays: 45.00', 'pays: 60%'],
    ['{ buyer: sunrise }', '{ ring: [ sunrise ] }'],
    ['{ buyer: sunrise }', '{ buyer: sunrise, ring: [ sunrise, helio ] }'],
    ['routing: {', 'routing: { strategy: prioritty,'],
    ['routing: {', 'routing: { ring: 20,'],
    ['routing: {', 'routing: { failover: { stop: [ 2xx ] },'],
    ['carriers:', 'limits: { max_calls: lots }\ncarriers:'],
  ])('%s ⇒ %s', (from, to) => expect(accepts(changed(from, to))).toBe(false));

  test('an included file that says what the switch is', () => {
    expect(accepts('limits: { max_calls: 3 }\nbuyers: {}\n')).toBe(false);
  });
});

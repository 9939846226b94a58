import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Condition } from '../../../src/conditions/condition.ts';
import { parseCondition, parseConditions } from '../../../src/conditions/parse.ts';

const is = (attribute: string, ...values: (string | number | boolean)[]): Condition => ({
  kind: 'is',
  attribute,
  values,
});

describe('parseCondition', () => {
  const cases: [string, string, Condition][] = [
    ['a', 'TX', is('a', 'TX')],
    ['a', 'yes', is('a', 'yes')],
    ['a', 'no', is('a', 'no')],
    ['a', 'true', is('a', true)],
    ['a', '75001', is('a', 75001)],
    ['a', '"01234"', is('a', '01234')],
    ['a', '[TX, OK, NM]', is('a', 'TX', 'OK', 'NM')],
    ['a', '">= 18"', { kind: 'compare', attribute: 'a', operator: '>=', value: 18 }],
    ['a', '"<-2.5"', { kind: 'compare', attribute: 'a', operator: '<', value: -2.5 }],
    ['connected', '">= 90s"', { kind: 'compare', attribute: 'connected', operator: '>=', value: 90_000 }],
    ['connected', '">1.5m"', { kind: 'compare', attribute: 'connected', operator: '>', value: 90_000 }],
    ['inbound', '30s-90s', { kind: 'between', attribute: 'inbound', from: 30_000, to: 90_000 }],
    ['a', '18-64', { kind: 'between', attribute: 'a', from: 18, to: 64 }],
    ['a', '18 - 64', { kind: 'between', attribute: 'a', from: 18, to: 64 }],
    ['a', '2026-12-25', is('a', '2026-12-25')],
    ['a', '{ is: 18-64 }', is('a', '18-64')],
    ['a', '{ not: TX }', { kind: 'not', condition: is('a', 'TX') }],
    ['a', '{ not: [TX, OK] }', { kind: 'not', condition: is('a', 'TX', 'OK') }],
    [
      'a',
      '[18-25, TX]',
      { kind: 'any', conditions: [is('a', 'TX'), { kind: 'between', attribute: 'a', from: 18, to: 25 }] },
    ],
    [
      'a',
      '{ all: [">= 18", { not: 21 }] }',
      {
        kind: 'all',
        conditions: [
          { kind: 'compare', attribute: 'a', operator: '>=', value: 18 },
          { kind: 'not', condition: is('a', 21) },
        ],
      },
    ],
  ];
  it.each(cases)('%s: %s', (attribute, yaml, condition) => {
    expect(parseCondition(attribute, parseYaml(yaml))).toEqual({ ok: true, condition });
  });

  it.each([
    ['a', '', 'has no value'],
    ['a', '[]', 'lists nothing'],
    ['a', '{}', 'has no condition'],
    ['a', '{ nor: TX }', '"nor" is no condition'],
    ['a', '{ any: TX }', '"any" takes a list'],
    ['a', '">= ninety"', 'cannot be compared'],
    ['a', '">="', 'cannot be compared'],
    ['a', '64-18', 'ends before it begins'],
    ['a', '.nan', 'has no value'],
    ['connected', '">= 90"', 'cannot be compared'],
    ['connected', '90s', 'is compared, not equalled'],
    ['connected', '30-90s', 'is no range'],
  ])('%s: %s is refused: %s', (attribute, yaml, message) => {
    const parsed = parseCondition(attribute, parseYaml(yaml));
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    expect(parsed).toHaveProperty('hint', expect.stringMatching(/\w/));
  });

  it('says what it makes of anything, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (attribute, value) => {
        expect(typeof parseCondition(attribute, value).ok).toBe('boolean');
        expect(typeof parseConditions(value).ok).toBe('boolean');
      }),
    );
  });

  it('ends on a value that contains itself, as a YAML alias can', () => {
    const list: unknown[] = [];
    list.push(list);
    const map: Record<string, unknown> = {};
    map['not'] = map;
    expect(parseCondition('a', list).ok).toBe(false);
    expect(parseCondition('a', map).ok).toBe(false);
    expect(parseConditions(map).ok).toBe(false);
  });
});

describe('parseConditions', () => {
  it('reads a map of attributes with groups across several', () => {
    const yaml = `
      caller.state: [ TX, OK ]
      any: [ { ivr.homeowner: yes }, { ivr.age: ">= 65", call.hour: 9-17 } ]
      not: { call.source: radio }
    `;
    expect(parseConditions(parseYaml(yaml))).toEqual({
      ok: true,
      conditions: [
        is('caller.state', 'TX', 'OK'),
        {
          kind: 'any',
          conditions: [
            is('ivr.homeowner', 'yes'),
            {
              kind: 'all',
              conditions: [
                { kind: 'compare', attribute: 'ivr.age', operator: '>=', value: 65 },
                { kind: 'between', attribute: 'call.hour', from: 9, to: 17 },
              ],
            },
          ],
        },
        { kind: 'not', condition: is('call.source', 'radio') },
      ],
    });
  });

  it('reads `not` of a list as none of these, of a map as not all of these', () => {
    expect(parseConditions(parseYaml('not: [ { a: 1 }, { b: 2 } ]'))).toEqual({
      ok: true,
      conditions: [{ kind: 'not', condition: { kind: 'any', conditions: [is('a', 1), is('b', 2)] } }],
    });
    expect(parseConditions(parseYaml('not: { a: 1, b: 2 }'))).toEqual({
      ok: true,
      conditions: [{ kind: 'not', condition: { kind: 'all', conditions: [is('a', 1), is('b', 2)] } }],
    });
  });

  it('tells every problem at once, each with its path', () => {
    const parsed = parseConditions(parseYaml('{ a: ">= x", any: [ { b: TX }, { c: 9-1 } ], not: {} }'));
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([
      ['a'],
      ['any', 1, 'c'],
      ['not'],
    ]);
  });
});

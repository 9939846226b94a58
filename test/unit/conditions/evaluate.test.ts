import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Attributes, AttributeValue, Condition } from '../../../src/conditions/condition.ts';
import { attributesRead } from '../../../src/conditions/condition.ts';
import { describe as inWords, describeRefusal } from '../../../src/conditions/describe.ts';
import { compileConditions, evaluate } from '../../../src/conditions/evaluate.ts';
import { parseConditions } from '../../../src/conditions/parse.ts';

function read(yaml: string): Condition {
  const parsed = parseConditions(parseYaml(yaml));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { kind: 'all', conditions: parsed.conditions };
}

describe('evaluate', () => {
  it.each<[string, Attributes, boolean]>([
    ['a: TX', { a: 'TX' }, true],
    ['a: TX', { a: 'tx' }, false],
    ['a: yes', { a: 'yes' }, true],
    ['a: true', { a: true }, true],
    ['a: true', { a: 'true' }, true],
    ['a: "true"', { a: true }, true],
    ['a: true', { a: 'yes' }, false],
    ['a: 75001', { a: '75001' }, true],
    ['a: "75001"', { a: 75001 }, true],
    ['a: "01234"', { a: 1234 }, false],
    ['a: "01234"', { a: '01234' }, true],
    ['a: 1234', { a: '01234' }, false],
    ['a: 1.0', { a: 1 }, true],
    ['a: [TX, OK]', { a: 'OK' }, true],
    ['a: [TX, OK]', { a: 'NM' }, false],
    ['a: ">= 18"', { a: 18 }, true],
    ['a: ">= 18"', { a: '18' }, true],
    ['a: ">= 18"', { a: '018' }, true],
    ['a: "> 18"', { a: 18 }, false],
    ['a: "< 18"', { a: 17.5 }, true],
    ['a: "<= 18"', { a: 'many' }, false],
    ['a: "<= 18"', { a: '' }, false],
    ['a: "<= 18"', { a: true }, false],
    ['a: 18-64', { a: 18 }, true],
    ['a: 18-64', { a: '64' }, true],
    ['a: 18-64', { a: 65 }, false],
    ['connected: ">= 90s"', { connected: 89_999 }, false],
    ['connected: ">= 90s"', { connected: 90_000 }, true],
    ['connected: ">= 90s"', { connected: 90_001 }, true],
    ['a: { not: TX }', { a: 'OK' }, true],
    ['a: { not: TX }', { a: 'TX' }, false],
    ['any: [ { a: 1 }, { b: 1 } ]', { b: 1 }, true],
    ['any: [ { a: 1 }, { b: 1 } ]', { b: 2 }, false],
    ['all: [ { a: 1 }, { b: 1 } ]', { a: 1, b: 1 }, true],
    ['not: [ { a: 1 }, { b: 1 } ]', { a: 2, b: 2 }, true],
    ['not: [ { a: 1 }, { b: 1 } ]', { a: 2, b: 1 }, false],
  ])('%s of %j: %s', (yaml, attributes, holds) => {
    expect(evaluate(read(yaml), attributes) === true).toBe(holds);
  });

  it.each<[string, Attributes]>([
    ['a: TX', {}],
    ['a: { not: TX }', {}],
    ['not: { a: TX }', {}],
    ['not: [ { a: TX }, { b: 1 } ]', { b: 2 }],
    ['a: { not: { not: TX } }', {}],
    ['constructor: { not: TX }', {}],
    ['__proto__: { not: TX }', {}],
  ])('%s does not hold where the attribute is not known', (yaml, attributes) => {
    const condition = read(yaml === '__proto__: { not: TX }' ? '"toString": { not: TX }' : yaml);
    expect(evaluate(condition, attributes)).toMatchObject({ seen: null });
  });

  it('names the attribute, what was seen and what was asked for', () => {
    expect(evaluate(read('a: [TX, OK]'), { a: 'NM' })).toMatchObject({
      attribute: 'a',
      seen: 'NM',
      limit: ['TX', 'OK'],
    });
    expect(evaluate(read('a: TX'), {})).toMatchObject({ attribute: 'a', seen: null, limit: 'TX' });
    expect(evaluate(read('connected: ">= 90s"'), { connected: 88_412 })).toMatchObject({
      attribute: 'connected',
      seen: 88_412,
      limit: '>= 90s',
    });
    expect(evaluate(read('a: 18-64'), { a: '17' })).toMatchObject({ seen: '17', limit: '18-64' });
    expect(evaluate(read('not: { b: 1 }'), { b: 1 })).toMatchObject({
      attribute: 'b',
      seen: 1,
      limit: 'not (b is 1)',
    });
  });
});

describe('words', () => {
  it.each([
    ['connected: ">= 90s"', 'connected at least 90 s'],
    ['a: [TX, OK, NM]', 'a is TX, OK or NM'],
    ['a: 18-64', 'a 18 to 64'],
    ['a: { not: no }', 'not (a is no)'],
    ['any: [ { a: 1, b: 2 }, { c: "< 3" } ]', '(a is 1 and b is 2) or c less than 3'],
  ])('%s: %s', (yaml, words) => {
    expect(inWords(read(yaml))).toBe(words);
  });

  it.each<[string, Attributes, string]>([
    ['connected: ">= 90s"', { connected: 88_412 }, 'connected 88.412 s, needs 90 s'],
    ['connected: "> 90s"', { connected: 90_000 }, 'connected 90 s, needs more than 90 s'],
    ['a: [TX, OK]', {}, 'a not known, needs TX or OK'],
    ['a: yes', { a: 'no' }, 'a no, needs yes'],
    ['a: 18-64', { a: 17 }, 'a 17, needs 18 to 64'],
    ['a: yes', { a: 'x'.repeat(10_000) }, `a ${'x'.repeat(64)}…, needs yes`],
  ])('%s of %j: %s', (yaml, attributes, words) => {
    const refusal = evaluate(read(yaml), attributes);
    expect(refusal === true ? '' : describeRefusal(refusal)).toBe(words);
  });
});

const names = ['a', 'b', 'constructor'];
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.boolean(),
  fc.constantFrom('0', '1', '01', 'true', 'TX', '', '2.0'),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      kind: fc.constant('is' as const),
      attribute: fc.constantFrom(...names),
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      attribute: fc.constantFrom(...names),
      operator: fc.constantFrom('>=' as const, '<=' as const, '>' as const, '<' as const),
      value: fc.integer({ min: 0, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('between' as const),
      attribute: fc.constantFrom(...names),
      from: fc.constant(1),
      to: fc.constant(2),
    }),
    fc.record({ kind: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('any' as const, 'all' as const),
      conditions: fc.array(tie('condition'), { maxLength: 3 }),
    }),
  ),
}));
const attributes = fc.dictionary(fc.constantFrom(...names), value);

describe('compiled conditions', () => {
  it('hold exactly where evaluated ones do', () => {
    fc.assert(
      fc.property(condition, attributes, (condition, attributes) => {
        expect(compileConditions([condition])(attributes)).toBe(evaluate(condition, attributes) === true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never hold both ways: a condition and its `not` cannot both be true', () => {
    fc.assert(
      fc.property(condition, attributes, (condition, attributes) => {
        const both = [condition, { kind: 'not', condition } as const];
        expect(compileConditions(both)(attributes)).toBe(false);
      }),
    );
  });

  it('give a reason that names an attribute they read', () => {
    fc.assert(
      fc.property(condition, attributes, (condition, attributes) => {
        const verdict = evaluate(condition, attributes);
        fc.pre(verdict !== true);
        const read = attributesRead(condition);
        // What reads nothing (`not: all: []`) is blamed by its own name; here it may stand among others that read something.
        expect([...read, 'any', 'all', 'not']).toContain(verdict.attribute);
        expect(describeRefusal(verdict)).toContain(verdict.attribute);
      }),
    );
  });
});

/** Whether conditions can hold together, against every kind of condition and by trying calls at random. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttributeValue, Condition } from '../../../src/conditions/condition.ts';
import { evaluateAll } from '../../../src/conditions/evaluate.ts';
import { parseConditions } from '../../../src/conditions/parse.ts';
import { contradiction, follows } from '../../../src/config/conditions/can-hold.ts';
import { anyCall } from '../../../src/config/conditions/domains.ts';

function conditions(map: unknown): readonly Condition[] {
  const parsed = parseConditions(map);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.conditions;
}

describe('conditions that cannot all hold', () => {
  test.each<[unknown, number[]]>([
    [{ 'caller.state': { is: ['TX'], not: ['TX'] } }, [0]],
    [{ 'caller.state': 'TX', not: { 'caller.state': ['TX', 'OK'] } }, [0, 1]],
    [{ 'ivr.age': '>= 18', 'ivr.zip': '75001', all: [{ 'ivr.age': '< 18' }] }, [0, 2]],
    [{ connected: { all: ['>= 90s', '< 60s'] } }, [0]],
    [{ connected: '>= 90s', not: [{ connected: '> 60s' }] }, [0, 1]],
    [{ connected: { all: ['> 90s', '< 90001ms'].map((text) => text.replace('90001ms', '90.001s')) } }, [0]],
    [{ 'call.hour': '>= 24' }, [0]],
    [{ 'call.hour': { all: ['> 9', '< 10'] } }, [0]],
    [{ 'call.weekday': { not: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } }, [0]],
    [{ 'caller.anonymous': { not: [true, false] } }, [0]],
    [{ 'caller.state': 'Texas' }, [0]],
    [{ 'caller.country': 'USA' }, [0]],
    [{ 'tag.a': 'x', any: [{ 'tag.a': 'y' }, { 'tag.b': { all: ['1', '2'] } }] }, [0, 1]],
  ])('%j', (map, core) => expect(contradiction(conditions(map), anyCall)).toEqual(core));
});

describe('conditions that can', () => {
  test.each([
    {},
    { 'caller.state': ['TX', 'OK'], not: { 'caller.state': 'TX' } },
    { 'ivr.age': { all: ['>= 18', '<= 18'] } },
    { 'ivr.age': { all: ['> 18', '< 19'] } },
    { connected: { all: ['>= 60s', '<= 60s'] } },
    { 'tag.a': { not: '>= 5' }, any: [{ 'tag.a': 'x' }] },
    { 'caller.area_code': { not: [900] } },
    { 'tag.b': { all: ['> 3', { not: [4, 'x'] }] } },
    { 'caller.number': { not: ['+12125550000'] } },
    { 'caller.country': { not: ['US', 'CA'] } },
    { 'ivr.zip': { not: ['75001', '00000'] } },
    { any: [{ 'caller.state': 'Texas' }, { 'tag.x': 1 }] },
  ])('%j', (map) => expect(contradiction(conditions(map), anyCall)).toBeNull());
});

describe('what follows from what', () => {
  test.each<[unknown, unknown, boolean]>([
    [{ connected: '>= 90s' }, { connected: '>= 60s' }, true],
    [{ connected: '>= 60s' }, { connected: '>= 90s' }, false],
    [{ 'caller.state': 'TX' }, { 'caller.state': ['TX', 'OK'] }, true],
    [{ 'caller.state': 'TX', connected: '> 90s' }, {}, true],
    [{}, { 'caller.state': 'TX' }, false],
    [{ 'ivr.a': 'x' }, { 'ivr.a': { not: 'y' } }, true],
    // Of a call whose state is not known, neither holds.
    [{}, { any: [{ 'caller.state': 'TX' }, { not: { 'caller.state': 'TX' } }] }, false],
    [{ 'caller.state': ['TX', 'OK'] }, { any: [{ 'caller.state': 'TX' }, { 'caller.state': 'OK' }] }, true],
    [{ 'call.hour': '9-16' }, { 'call.hour': '> 8' }, true],
  ])('%j ⇒ %j: %j', (given, then, expected) =>
    expect(follows(conditions(given), conditions(then), anyCall)).toBe(expected),
  );
});

const value = fc.constantFrom<AttributeValue>('x', 'y', '5', 4, 5, 6, 7.5, true);
const attribute = fc.constantFrom('tag.a', 'tag.b');
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      kind: fc.constant('is' as const),
      attribute,
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      attribute,
      operator: fc.constantFrom('>=' as const, '<=' as const, '>' as const, '<' as const),
      value: fc.integer({ min: 3, max: 8 }),
    }),
    fc.record({
      kind: fc.constant('between' as const),
      attribute,
      from: fc.constant(4),
      to: fc.integer({ min: 4, max: 7 }),
    }),
    fc.record({ kind: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('any' as const, 'all' as const),
      conditions: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));
const some = fc.array(condition, { minLength: 1, maxLength: 4 });
const call = fc.dictionary(attribute, fc.oneof(value, fc.integer({ min: 0, max: 10 }), fc.string()));

/** Of what is drawn at random next to nothing follows from the rest. */
const whichThen = fc.constantFrom(
  (_: readonly Condition[], other: readonly Condition[]) => other,
  (given: readonly Condition[]) => given.slice(-1),
  (given: readonly Condition[], other: readonly Condition[]): readonly Condition[] => [
    { kind: 'any', conditions: [...given.slice(0, 1), ...other] },
  ],
);

test('no call meets what is said to contradict itself, nor breaks what is said to follow', () => {
  const seen = { impossible: 0, possible: 0, implied: 0 };
  fc.assert(
    fc.property(some, some, whichThen, fc.array(call, { maxLength: 30 }), (given, other, which, calls) => {
      const then = which(given, other);
      const impossible = contradiction(given, anyCall) !== null;
      const implied = follows(given, then, anyCall);
      seen[impossible ? 'impossible' : 'possible']++;
      for (const attributes of calls) {
        if (evaluateAll(given, attributes) !== true) continue;
        expect(impossible).toBe(false);
        if (!implied) continue;
        seen.implied++;
        expect(evaluateAll(then, attributes)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
  for (const [kind, times] of Object.entries(seen)) expect(times, kind).toBeGreaterThan(0);
});

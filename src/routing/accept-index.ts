/**
 * Which routes of a campaign accept a call, asked once for each attribute instead of once for each route.
 *
 * Nearly every condition reads one attribute: `caller.state: [ TX, OK ]`, `ivr.age: 18-64`. Of each such attribute the
 * index knows who asks for what, so a call's state takes one look-up however many routes there are. Conditions
 * that read several attributes or mix texts with ranges stay with their route, as its `rest`.
 */
import type { Attributes, Condition } from '../conditions/condition.ts';
import { compileConditions, type Predicate } from '../conditions/evaluate.ts';
import { noBits, type Bits } from './bits.ts';
import { RangeIndex, rangeTest, type RangeTest } from './range-index.ts';
import { TextIndex, textTest, Vocabulary, type TextTest } from './text-index.ts';

/** A buyer's `accepts`, split once for all campaigns that route to it. */
export interface Acceptance {
  readonly texts: readonly TextTest[];
  readonly ranges: readonly RangeTest[];
  /** What no index can hold; null where there is nothing left. */
  readonly rest: Predicate | null;
}

/** Of one attribute. */
export interface AttributeIndex {
  /** Takes those out of `bits` whose conditions do not hold. */
  keepAccepting(bits: Bits, attributes: Attributes): void;
}

/** What the route at a place of the campaign asks of an attribute. */
export interface Placed<Test> {
  readonly at: number;
  readonly test: Test;
}

/** One for each attribute, for all campaigns of a table. */
export class Vocabularies {
  readonly #byAttribute = new Map<string, Vocabulary>();

  of(attribute: string): Vocabulary {
    const vocabulary = this.#byAttribute.get(attribute) ?? new Vocabulary();
    this.#byAttribute.set(attribute, vocabulary);
    return vocabulary;
  }
}

export function splitConditions(conditions: readonly Condition[]): Acceptance {
  const texts: TextTest[] = [];
  const ranges: RangeTest[] = [];
  const rest: Condition[] = [];
  for (const condition of conditions.flatMap(conjuncts)) {
    const range = rangeTest(condition);
    const text = range === null ? textTest(condition) : null;
    if (range !== null) ranges.push(range);
    else if (text !== null) texts.push(text);
    else rest.push(condition);
  }
  return { texts, ranges, rest: rest.length === 0 ? null : compileConditions(rest) };
}

export class AcceptIndex {
  readonly #parts: readonly AttributeIndex[];
  /** Used again by each decision: one is made before the next begins. */
  readonly #accepting: Bits;

  constructor(routes: readonly Acceptance[], vocabularies: Vocabularies) {
    const size = routes.length;
    const texts = byAttribute(routes.map((route) => route.texts));
    const ranges = byAttribute(routes.map((route) => route.ranges));
    this.#parts = [
      ...[...texts].flatMap(([attribute, placed]) =>
        inLayers(placed).map((layer) => new TextIndex(attribute, layer, size, vocabularies.of(attribute))),
      ),
      ...[...ranges].map(([attribute, placed]) => new RangeIndex(attribute, placed)),
    ];
    this.#accepting = noBits(size);
  }

  /** Those of `among` whose indexed conditions hold; their `rest` has yet to be asked. Not to be kept. */
  accepting(among: Bits, attributes: Attributes): Bits {
    this.#accepting.set(among);
    for (const part of this.#parts) part.keepAccepting(this.#accepting, attributes);
    return this.#accepting;
  }
}

/** What must all hold; `not: [ … ]` is none of these. */
function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.kind === 'all') return condition.conditions.flatMap(conjuncts);
  if (condition.kind !== 'not') return [condition];
  const inner = condition.condition;
  if (inner.kind === 'not') return conjuncts(inner.condition);
  if (inner.kind !== 'any') return [condition];
  return inner.conditions.flatMap((part) => conjuncts({ kind: 'not', condition: part }));
}

function byAttribute<Test extends { readonly attribute: string }>(
  routes: readonly (readonly Test[])[],
): Map<string, Placed<Test>[]> {
  const found = new Map<string, Placed<Test>[]>();
  for (const [at, tests] of routes.entries()) {
    for (const test of tests) {
      const placed = found.get(test.attribute);
      if (placed === undefined) found.set(test.attribute, [{ at, test }]);
      else placed.push({ at, test });
    }
  }
  return found;
}

/** A route may test an attribute twice; a layer holds each route once. */
function inLayers<Test>(placed: readonly Placed<Test>[]): readonly Placed<Test>[][] {
  const layers: Placed<Test>[][] = [];
  for (const one of placed) {
    const free = layers.find((layer) => layer.at(-1)?.at !== one.at);
    if (free === undefined) layers.push([one]);
    else free.push(one);
  }
  return layers;
}

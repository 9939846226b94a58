/**
 * Whether a condition holds for a call, and if not, what stood in its way.
 *
 * Three answers, not two: an attribute that the call lacks is neither equal nor unequal to anything. `not` of what is
 * not known stays not known, `any` needs one branch that holds, `all` needs every one; and at the top, what is not
 * known does not hold. So `not: { caller.state: TX }` leaves out the caller whose state nobody knows.
 */
import type { AttributeValue, Attributes, Condition, Operator, Refusal } from './condition.ts';
import { limitOf } from './describe.ts';

/** `null`: cannot be told, the call lacks an attribute. */
type Truth = boolean | null;

/** A condition made ready for many calls: allocates nothing when asked, lists are hashed. */
export type Predicate = (attributes: Attributes) => boolean;

export function evaluate(condition: Condition, attributes: Attributes): true | Refusal {
  return truth(condition, attributes) === true ? true : blame(condition, attributes);
}

/** The first condition that does not hold; true where all do. */
export function evaluateAll(conditions: readonly Condition[], attributes: Attributes): true | Refusal {
  for (const condition of conditions) {
    const verdict = evaluate(condition, attributes);
    if (verdict !== true) return verdict;
  }
  return true;
}

export function compileConditions(conditions: readonly Condition[]): Predicate {
  const parts = conditions.map(compileTruth);
  return (attributes) => {
    for (const part of parts) if (part(attributes) !== true) return false;
    return true;
  };
}

/** What the call says of an attribute; null where it says nothing. */
export function known(attributes: Attributes, attribute: string): AttributeValue | null {
  const value: unknown = attributes[attribute];
  // Also keeps out what every object inherits (`constructor`), should an attribute be called so.
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? value : null;
}

/**
 * Two numbers are equal as numbers, all else as text: digits that a caller pressed (`75001`) equal the number
 * 75001, but `01234` is not 1234; `true` equals the text `true`, not `yes`. Case matters.
 */
function sameValue(a: AttributeValue, b: AttributeValue): boolean {
  return typeof a === typeof b ? a === b : String(a) === String(b);
}

/** A number, or plain decimal text (pressed digits, a tag); null for what has no order. */
export function numeric(value: AttributeValue): number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'boolean' || value.length > 18) return null;
  return /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : null;
}

function truth(condition: Condition, attributes: Attributes): Truth {
  switch (condition.kind) {
    case 'is': {
      const seen = known(attributes, condition.attribute);
      return seen === null ? null : condition.values.some((value) => sameValue(value, seen));
    }
    case 'compare': {
      const seen = known(attributes, condition.attribute);
      return seen === null ? null : compare(numeric(seen), condition.operator, condition.value);
    }
    case 'between': {
      const seen = known(attributes, condition.attribute);
      return seen === null ? null : within(numeric(seen), condition.from, condition.to);
    }
    case 'not':
      return negate(truth(condition.condition, attributes));
    case 'any':
      return anyOf(condition.conditions, (part) => truth(part, attributes));
    case 'all':
      return negate(anyOf(condition.conditions, (part) => negate(truth(part, attributes))));
  }
}

function compileTruth(condition: Condition): (attributes: Attributes) => Truth {
  switch (condition.kind) {
    case 'is':
      return compileIs(condition.attribute, condition.values);
    case 'compare':
    case 'between':
      return (attributes) => truth(condition, attributes);
    case 'not': {
      const inner = compileTruth(condition.condition);
      return (attributes) => negate(inner(attributes));
    }
    case 'any': {
      const parts = condition.conditions.map(compileTruth);
      return (attributes) => anyOf(parts, (part) => part(attributes));
    }
    case 'all': {
      const parts = condition.conditions.map(compileTruth);
      return (attributes) => negate(anyOf(parts, (part) => negate(part(attributes))));
    }
  }
}

function compileIs(attribute: string, values: readonly AttributeValue[]): (attributes: Attributes) => Truth {
  const texts = new Set(values.map(String));
  return (attributes) => {
    const seen = known(attributes, attribute);
    if (seen === null) return null;
    return texts.has(typeof seen === 'string' ? seen : String(seen));
  };
}

function compare(seen: number | null, operator: Operator, value: number): boolean {
  if (seen === null) return false;
  switch (operator) {
    case '>=':
      return seen >= value;
    case '<=':
      return seen <= value;
    case '>':
      return seen > value;
    case '<':
      return seen < value;
  }
}

function within(seen: number | null, from: number, to: number): boolean {
  return seen !== null && seen >= from && seen <= to;
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function anyOf<T>(parts: readonly T[], truthOf: (part: T) => Truth): Truth {
  let result: Truth = false;
  for (const part of parts) {
    const truth = truthOf(part);
    if (truth === true) return true;
    if (truth === null) result = null;
  }
  return result;
}

/** Of a condition that does not hold: the attribute to name, what it was and what it should have been. */
function blame(condition: Condition, attributes: Attributes): Refusal {
  switch (condition.kind) {
    case 'is':
    case 'compare':
    case 'between':
      return {
        attribute: condition.attribute,
        seen: known(attributes, condition.attribute),
        limit: limitOf(condition),
        condition,
      };
    case 'all': {
      const failing = condition.conditions.find((part) => truth(part, attributes) !== true);
      return failing === undefined ? nameless(condition) : blame(failing, attributes);
    }
    case 'not':
    case 'any': {
      const attribute = firstAttribute(condition, attributes);
      if (attribute === null) return nameless(condition);
      return { attribute, seen: known(attributes, attribute), limit: limitOf(condition), condition };
    }
  }
}

/** Where nothing is known, an attribute that is not known explains; else the first one read. */
function firstAttribute(condition: Condition, attributes: Attributes): string | null {
  const read = leaves(condition);
  const unknown = read.find((attribute) => known(attributes, attribute) === null);
  const cannotTell = truth(condition, attributes) === null;
  return (cannotTell ? unknown : undefined) ?? read[0] ?? null;
}

function leaves(condition: Condition): readonly string[] {
  if (condition.kind === 'not') return leaves(condition.condition);
  if (condition.kind === 'any' || condition.kind === 'all') return condition.conditions.flatMap(leaves);
  return [condition.attribute];
}

/** `any: []` can never hold and reads nothing. */
function nameless(condition: Condition): Refusal {
  return { attribute: condition.kind, seen: null, limit: limitOf(condition), condition };
}

/**
 * Whether conditions can hold together, and whether some follow from others: decided by trying the values at which an
 * answer can change (those that are named, and those between and beside the bounds) with the evaluator that calls use.
 */
import { attributesRead } from '../../conditions/condition.ts';
import type { AttributeValue, Attributes, Condition } from '../../conditions/condition.ts';
import { compileConditions, numeric } from '../../conditions/evaluate.ts';
import { isIn } from './domains.ts';
import type { Domain, Domains } from './domains.ts';

/**
 * The places of the fewest conditions that cannot all hold, of calls whose attributes have these `domains`; null where
 * they can, and where it would take too long to say.
 */
export function contradiction(conditions: readonly Condition[], domains: Domains): readonly number[] | null {
  for (const related of components(conditions)) {
    if (!isImpossible(related.map((place) => conditions[place]).flatMap(present), domains)) continue;
    // What can be left out while the rest stays impossible has no part in it.
    return related.reduce<readonly number[]>((core, place) => {
      const less = core.filter((other) => other !== place);
      return isImpossible(less.map((other) => conditions[other]).flatMap(present), domains) ? less : core;
    }, related);
  }
  return null;
}

/** Whether every call for which all of `given` holds is one for which all of `then` holds. */
export function follows(given: readonly Condition[], then: readonly Condition[], domains: Domains): boolean {
  return then.every((wanted) => {
    const text = JSON.stringify(wanted);
    if (given.some((condition) => JSON.stringify(condition) === text)) return true;
    const everything = [...given, wanted];
    const [related = []] = components(everything).filter((places) => places.includes(given.length));
    const holds = related.filter((place) => place < given.length).map((place) => everything[place]);
    return !hasCall(holds.flatMap(present), [wanted], domains);
  });
}

/** More combinations than this are not tried: then nothing is said. */
const mostTried = 20_000;

const isImpossible = (conditions: readonly Condition[], domains: Domains): boolean =>
  conditions.length > 0 && !hasCall(conditions, [], domains);

/** Whether there is a call for which `all` hold and `notAll` do not; true where that cannot be told. */
function hasCall(all: readonly Condition[], notAll: readonly Condition[], domains: Domains): boolean {
  const conditions = [...all, ...notAll];
  const attributes = [...new Set(conditions.flatMap(attributesRead))];
  const choices = attributes.map((attribute) => candidates(attribute, conditions, domains(attribute)));
  if (choices.reduce((product, { length }) => product * length, 1) > mostTried) return true;
  const hold = compileConditions(all);
  const unwanted = compileConditions(notAll);
  const call: Record<string, AttributeValue> = {};
  const tryFrom = (index: number): boolean => {
    const attribute = attributes[index];
    if (attribute === undefined) return isCall(call);
    for (const value of choices[index] ?? []) {
      if (value === null) Reflect.deleteProperty(call, attribute);
      else call[attribute] = value;
      if (tryFrom(index + 1)) return true;
    }
    return false;
  };
  const isCall = (attributes: Attributes): boolean =>
    hold(attributes) && (notAll.length === 0 || !unwanted(attributes));
  return tryFrom(0);
}

/** Values of which one behaves like any that the attribute can have; null: it is not known. */
function candidates(
  attribute: string,
  conditions: readonly Condition[],
  domain: Domain,
): readonly (AttributeValue | null)[] {
  if (domain.values !== undefined) return [null, ...domain.values];
  const named = new Set<AttributeValue>();
  const bounds = new Set<number>();
  for (const condition of conditions) gather(condition, attribute, named, bounds);
  const sorted = [...bounds].sort((a, b) => a - b);
  const between = sorted.map((bound, index) => (bound + (sorted[index + 1] ?? bound + 2)) / 2);
  const near = sorted.flatMap((bound) => [bound - 1, bound, bound + 1]);
  const tried = [...named, ...near, ...between, ...between.map(Math.floor), ...(domain.samples ?? [])];
  return [null, ...new Set(tried.filter((value) => isIn(domain, value)))];
}

function gather(
  condition: Condition,
  attribute: string,
  named: Set<AttributeValue>,
  bounds: Set<number>,
): void {
  switch (condition.kind) {
    case 'is':
      if (condition.attribute !== attribute) return;
      for (const value of condition.values) {
        named.add(value);
        // Beside a number that is ruled out there are others.
        const number = numeric(value);
        if (number !== null) bounds.add(number);
      }
      return;
    case 'compare':
      if (condition.attribute === attribute) bounds.add(condition.value);
      return;
    case 'between':
      if (condition.attribute === attribute) bounds.add(condition.from).add(condition.to);
      return;
    case 'not':
      gather(condition.condition, attribute, named, bounds);
      return;
    case 'any':
    case 'all':
      for (const part of condition.conditions) gather(part, attribute, named, bounds);
  }
}

/** The places of conditions that share attributes, directly or by way of others: each such part stands for itself. */
function components(conditions: readonly Condition[]): number[][] {
  const parts: { places: number[]; attributes: Set<string> }[] = [];
  conditions.forEach((condition, place) => {
    const joined = { places: [place], attributes: new Set(attributesRead(condition)) };
    for (const part of [...parts]) {
      if (![...part.attributes].some((attribute) => joined.attributes.has(attribute))) continue;
      parts.splice(parts.indexOf(part), 1);
      joined.places.unshift(...part.places);
      for (const attribute of part.attributes) joined.attributes.add(attribute);
    }
    parts.push(joined);
  });
  return parts.map(({ places }) => places.sort((a, b) => a - b));
}

const present = <T>(thing: T | undefined): T[] => (thing === undefined ? [] : [thing]);

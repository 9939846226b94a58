/** Conditions in words, for the reasons that people read. */
import { durations, type AttributeValue, type Condition, type Operator, type Refusal } from './condition.ts';
import { formatSeconds } from './duration.ts';

/** `connected at least 90 s`, `caller.state is TX, OK or NM`, `not (ivr.homeowner is no)`. */
export function describe(condition: Condition): string {
  switch (condition.kind) {
    case 'is':
      return `${condition.attribute} is ${wanted(condition)}`;
    case 'compare':
    case 'between':
      return `${condition.attribute} ${wanted(condition)}`;
    case 'not':
      return `not (${describe(condition.condition)})`;
    case 'any':
      return group(condition.conditions, 'or', 'never');
    case 'all':
      return group(condition.conditions, 'and', 'always');
  }
}

/** `connected 88.412 s, needs 90 s`; `caller.state not known, needs TX or OK`; `ivr.age 17, needs 18 to 64`. */
export function describeRefusal(refusal: Refusal): string {
  const { attribute, seen, condition } = refusal;
  return `${attribute} ${seen === null ? 'not known' : printed(attribute, seen)}, needs ${needed(condition)}`;
}

/** What a condition asks for, as a record keeps it: the value, the list, or the comparison as written. */
export function limitOf(condition: Condition): AttributeValue | readonly AttributeValue[] {
  switch (condition.kind) {
    case 'is':
      return condition.values.length === 1 && condition.values[0] !== undefined
        ? condition.values[0]
        : condition.values;
    case 'compare':
      return `${condition.operator} ${written(condition.attribute, condition.value)}`;
    case 'between':
      return `${written(condition.attribute, condition.from)}-${written(condition.attribute, condition.to)}`;
    case 'not':
    case 'any':
    case 'all':
      return describe(condition);
  }
}

const words: Readonly<Record<Operator, string>> = {
  '>=': 'at least',
  '<=': 'at most',
  '>': 'more than',
  '<': 'less than',
};

function group(conditions: readonly Condition[], joint: 'or' | 'and', none: string): string {
  const [only] = conditions;
  if (only === undefined) return none;
  return conditions.length === 1 ? describe(only) : conditions.map(nested).join(` ${joint} `);
}

function nested(condition: Condition): string {
  const compound = condition.kind === 'any' || condition.kind === 'all';
  return compound && condition.conditions.length > 1 ? `(${describe(condition)})` : describe(condition);
}

function wanted(condition: Extract<Condition, { attribute: string }>): string {
  switch (condition.kind) {
    case 'is':
      return listed(condition.values.map((value) => printed(condition.attribute, value)));
    case 'compare':
      return `${words[condition.operator]} ${printed(condition.attribute, condition.value)}`;
    case 'between':
      return `${printed(condition.attribute, condition.from)} to ${printed(condition.attribute, condition.to)}`;
  }
}

/** "At least" goes without saying in a reason: `needs 90 s`. */
function needed(condition: Condition): string {
  if (condition.kind === 'not' || condition.kind === 'any' || condition.kind === 'all')
    return describe(condition);
  if (condition.kind === 'compare' && condition.operator === '>=') {
    return printed(condition.attribute, condition.value);
  }
  return wanted(condition);
}

function printed(attribute: string, value: AttributeValue): string {
  if (durations.has(attribute) && typeof value === 'number') return formatSeconds(value);
  // Callers choose some of these texts: a reason is a line, whatever was pressed or sent.
  return typeof value === 'string' && value.length > 64 ? `${value.slice(0, 64)}…` : String(value);
}

function written(attribute: string, value: number): string {
  return durations.has(attribute) ? formatSeconds(value).replace(' ', '') : String(value);
}

function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? 'nothing';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`;
}

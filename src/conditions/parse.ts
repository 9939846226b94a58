/**
 * Conditions as the config writes them.
 *
 *   caller.state: [ TX, OK, NM ]              one of these
 *   ivr.homeowner: yes                        equal; YAML 1.2 reads `yes` as text
 *   connected: ">= 90s"                       >= <= > <, with a number or a duration
 *   ivr.age: 18-64                            a range, both ends in it
 *   caller.state: { not: [ TX ] }             not, any and all of these forms, on one attribute
 *   any: [ { caller.state: TX }, { … } ]      … or on several: any of these, all of these,
 *   not: { caller.state: TX, ivr.zip: … }     not all of these (as a list: none of these)
 *   tag.code: { is: "18-64" }                 the text itself, where it looks like one of the above
 *
 * Numbers with a leading zero must be quoted ("01234"): YAML drops the zero before anyone can see it.
 */
import { durations, type AttributeValue, type Condition, type Operator } from './condition.ts';
import { parseDuration } from './duration.ts';

type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly message: string; readonly hint: string };

interface ConditionProblem {
  /** Keys and list positions from the map that was parsed down to what is wrong. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
}

type ParsedConditions =
  | { readonly ok: true; readonly conditions: readonly Condition[] }
  | { readonly ok: false; readonly problems: readonly ConditionProblem[] };

/** What stands at one attribute. Never throws, whatever YAML yielded. */
export function parseCondition(attribute: string, value: unknown): ParsedCondition {
  return parseAt(attribute, value, 0);
}

/** A map of attribute → value, `not`, `any` and `all` among its keys; all of what it lists must hold. */
export function parseConditions(map: unknown): ParsedConditions {
  const problems: ConditionProblem[] = [];
  const conditions = readMap(map, [], problems);
  return problems.length === 0 ? { ok: true, conditions } : { ok: false, problems };
}

/** Deeper than anyone writes, shallow enough for any stack: YAML aliases can nest without end. */
const deepest = 16;

const forms = 'a value, a list, ">= 90s", "18-64", or { not: … }, { any: [ … ] }, { all: [ … ] }, { is: … }';

function parseAt(attribute: string, value: unknown, depth: number): ParsedCondition {
  if (depth > deepest) return refuse('conditions are nested too deeply', `use at most ${deepest} levels`);
  if (isScalar(value)) return parseScalar(attribute, value);
  if (Array.isArray(value)) return parseList(attribute, value, depth);
  if (isMap(value)) return parseOperators(attribute, value, depth);
  return refuse(`${attribute} has no value`, `write ${forms}`);
}

function parseScalar(attribute: string, value: AttributeValue): ParsedCondition {
  if (typeof value === 'string') {
    const comparison = /^(>=|<=|>|<)\s*(.*)$/s.exec(value.trim());
    if (comparison !== null) return parseComparison(attribute, comparison[1], comparison[2] ?? '');
    const range = /^(\d[\d.]*[a-z]*)\s*-\s*(\d[\d.]*[a-z]*)$/.exec(value.trim());
    if (range !== null) return parseRange(attribute, range[1] ?? '', range[2] ?? '');
  }
  return literal(attribute, [value]);
}

function parseComparison(attribute: string, operator: string | undefined, text: string): ParsedCondition {
  const value = operand(attribute, text);
  if (value === null || !isOperator(operator)) {
    return refuse(`"${text}" cannot be compared with ${attribute}`, `write ${operandForm(attribute)}`);
  }
  return { ok: true, condition: { kind: 'compare', attribute, operator, value } };
}

function parseRange(attribute: string, fromText: string, toText: string): ParsedCondition {
  const from = operand(attribute, fromText);
  const to = operand(attribute, toText);
  if (from === null || to === null) {
    return refuse(`"${fromText}-${toText}" is no range for ${attribute}`, `write ${operandForm(attribute)}`);
  }
  if (from > to) {
    return refuse(
      `the range ${fromText}-${toText} is empty: it ends before it begins`,
      `write ${toText}-${fromText}, or { is: "${fromText}-${toText}" } for the text itself`,
    );
  }
  return { ok: true, condition: { kind: 'between', attribute, from, to } };
}

function parseList(attribute: string, items: readonly unknown[], depth: number): ParsedCondition {
  if (items.length === 0) return refuse(`${attribute} lists nothing, so it can never hold`, 'list a value');
  const parts: Condition[] = [];
  const values: AttributeValue[] = [];
  for (const item of items) {
    const part = parseAt(attribute, item, depth + 1);
    if (!part.ok) return part;
    if (part.condition.kind === 'is') values.push(...part.condition.values);
    else parts.push(part.condition);
  }
  if (values.length > 0) parts.unshift({ kind: 'is', attribute, values });
  return { ok: true, condition: single(parts) ?? { kind: 'any', conditions: parts } };
}

function parseOperators(attribute: string, map: Map, depth: number): ParsedCondition {
  const parts: Condition[] = [];
  for (const [key, value] of Object.entries(map)) {
    const part = parseOperator(attribute, key, value, depth + 1);
    if (!part.ok) return part;
    parts.push(part.condition);
  }
  if (parts.length === 0) return refuse(`${attribute} has no condition`, `write ${forms}`);
  return { ok: true, condition: single(parts) ?? { kind: 'all', conditions: parts } };
}

function parseOperator(attribute: string, key: string, value: unknown, depth: number): ParsedCondition {
  switch (key) {
    case 'is': {
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (values.length > 0 && values.every(isScalar)) return literal(attribute, values);
      return refuse(`"is" takes a value or a list of values`, `write ${attribute}: { is: "…" }`);
    }
    case 'not': {
      const inner = parseAt(attribute, value, depth);
      return inner.ok ? { ok: true, condition: { kind: 'not', condition: inner.condition } } : inner;
    }
    case 'any':
    case 'all': {
      if (!Array.isArray(value) || value.length === 0) {
        return refuse(`"${key}" takes a list`, `write ${attribute}: { ${key}: [ …, … ] }`);
      }
      const conditions: Condition[] = [];
      for (const item of value) {
        const part = parseAt(attribute, item, depth);
        if (!part.ok) return part;
        conditions.push(part.condition);
      }
      return { ok: true, condition: { kind: key, conditions } };
    }
    default:
      return refuse(`"${key}" is no condition`, `write ${forms}`);
  }
}

function readMap(
  map: unknown,
  path: readonly (string | number)[],
  problems: ConditionProblem[],
): Condition[] {
  if (path.length > deepest) {
    problems.push({
      path,
      message: 'conditions are nested too deeply',
      hint: `use at most ${deepest} levels`,
    });
    return [];
  }
  if (!isMap(map)) {
    problems.push({
      path,
      message: 'conditions are a map of attributes',
      hint: 'write { caller.state: TX }',
    });
    return [];
  }
  const conditions: Condition[] = [];
  for (const [key, value] of Object.entries(map)) {
    const at = [...path, key];
    if (key === 'any' || key === 'all' || key === 'not') {
      conditions.push(readGroup(key, value, at, problems));
      continue;
    }
    const part = parseCondition(key, value);
    if (part.ok) conditions.push(part.condition);
    else problems.push({ path: at, message: part.message, hint: part.hint });
  }
  return conditions;
}

function readGroup(
  key: 'any' | 'all' | 'not',
  value: unknown,
  path: readonly (string | number)[],
  problems: ConditionProblem[],
): Condition {
  const isList = Array.isArray(value);
  const conditions = isList
    ? value.map((item: unknown, at) => conjunction(readMap(item, [...path, at], problems)))
    : readMap(value, path, problems);
  if (conditions.length === 0) {
    problems.push({ path, message: `"${key}" lists nothing`, hint: 'write { caller.state: TX } below it' });
  }
  if (key !== 'not') return { kind: key, conditions };
  const condition = isList ? (single(conditions) ?? { kind: 'any', conditions }) : conjunction(conditions);
  return { kind: 'not', condition };
}

function conjunction(conditions: readonly Condition[]): Condition {
  return single(conditions) ?? { kind: 'all', conditions };
}

function single<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function literal(attribute: string, values: readonly AttributeValue[]): ParsedCondition {
  if (durations.has(attribute)) {
    return refuse(`${attribute} is a time and is compared, not equalled`, `write ${operandForm(attribute)}`);
  }
  return { ok: true, condition: { kind: 'is', attribute, values } };
}

/** A time must name its unit: `>= 90` would mean 90 milliseconds, and nobody would mean that. */
function operand(attribute: string, text: string): number | null {
  const duration = parseDuration(text);
  if (duration !== null || durations.has(attribute)) return duration;
  return /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : null;
}

function operandForm(attribute: string): string {
  return durations.has(attribute) ? '">= 90s" or "30s-90s"' : '">= 18" or "18-64"';
}

function isOperator(text: string | undefined): text is Operator {
  return text === '>=' || text === '<=' || text === '>' || text === '<';
}

type Map = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is AttributeValue {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function refuse(message: string, hint: string): { ok: false; message: string; hint: string } {
  return { ok: false, message, hint };
}

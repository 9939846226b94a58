/** Why a call pays or not, in words that a publisher or a buyer can check against the record. */
import { durations, type Attributes, type Condition } from '../conditions/condition.ts';
import { describe, describeRefusal } from '../conditions/describe.ts';
import { evaluate, known, numeric, type Refusal } from '../conditions/evaluate.ts';
import { formatSeconds } from '../conditions/duration.ts';
import type { PayRule } from './terms.ts';

/** `connected 95.12 s: connected at least 90 s (rule 1 of 3)`. */
export function whyItPays(rule: PayRule, index: number, rules: number, attributes: Attributes): string {
  const connected = known(attributes, 'connected');
  const seen = typeof connected === 'number' ? `connected ${formatSeconds(connected)}: ` : '';
  const met = rule.when.length === 0 ? 'every call pays' : rule.when.map(describe).join(', ');
  return `${seen}${met}${numbered(index, rules)}`;
}

/** `a share of no revenue (rule 2 of 3): connected 75 s, needs 90 s`. */
export function whyAShareIsNothing(index: number, rules: number, revenueReason: string): string {
  return `a share of no revenue${numbered(index, rules)}: ${revenueReason}`;
}

/** Of the rule that came closest: `connected 88.412 s, needs 90 s (rule 1 of 3)`. */
export function whyNoRulePays(rules: readonly PayRule[], attributes: Attributes): string {
  let closest: Miss | null = null;
  for (const [index, { when }] of rules.entries()) {
    const miss = missOf(index, when, attributes);
    if (closest === null || isCloser(miss, closest)) closest = miss;
  }
  if (closest === null) return 'no rule pays for any call';
  return `${closest.refusals.map(inWords).join('; ')}${numbered(closest.index, rules.length)}`;
}

const dayMs = 86_400_000;

interface Miss {
  readonly index: number;
  readonly refusals: readonly Refusal[];
  /** How far each fell short, 0 to 1: times as part of a day, numbers of their limit, all else 1. */
  readonly distance: number;
}

function missOf(index: number, when: PayRule['when'], attributes: Attributes): Miss {
  const refusals: Refusal[] = [];
  for (const condition of when) {
    const verdict = evaluate(condition, attributes);
    if (verdict !== true) refusals.push(verdict);
  }
  return { index, refusals, distance: refusals.reduce((sum, refusal) => sum + distanceOf(refusal), 0) };
}

/** Fewer conditions missed, then the smaller shortfall, then the earlier rule: that one would have paid first. */
function isCloser(miss: Miss, than: Miss): boolean {
  if (miss.refusals.length !== than.refusals.length) return miss.refusals.length < than.refusals.length;
  return miss.distance < than.distance;
}

function distanceOf({ attribute, seen, condition }: Refusal): number {
  const isTime = durations.has(attribute);
  // Never connected is no time at all: the rule that asks for the least of it is the closest.
  const value = seen === null ? (isTime ? 0 : null) : numeric(seen);
  const limit = value === null ? null : nearestLimit(condition, value);
  if (value === null || limit === null) return 1;
  const shortfall = Math.abs(limit - value) / (isTime ? dayMs : Math.max(1, Math.abs(limit)));
  return Math.min(1, shortfall);
}

function nearestLimit(condition: Condition, value: number): number | null {
  if (condition.kind === 'compare') return condition.value;
  if (condition.kind === 'between') return value < condition.from ? condition.from : condition.to;
  return null;
}

function inWords(refusal: Refusal): string {
  const never = refusal.attribute === 'connected' && refusal.seen === null;
  const words = describeRefusal(refusal);
  return never ? words.replace('connected not known', 'never connected') : words;
}

function numbered(index: number, rules: number): string {
  return rules < 2 ? '' : ` (rule ${index + 1} of ${rules})`;
}

/** Why a call pays or not, in words that a publisher or a buyer can check against the record. */
import type { Attributes } from '../conditions/condition.ts';
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

interface Miss {
  readonly index: number;
  readonly refusals: readonly Refusal[];
  /** How far the times and numbers fell short, 0 to 1 each; what is not a number is missed by all of 1. */
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

function distanceOf({ seen, condition }: Refusal): number {
  const value = seen === null ? null : numeric(seen);
  if (value === null) return 1;
  if (condition.kind === 'compare') return relative(value, condition.value);
  if (condition.kind === 'between')
    return relative(value, value < condition.from ? condition.from : condition.to);
  return 1;
}

function relative(value: number, limit: number): number {
  return Math.min(1, Math.abs(limit - value) / Math.max(1, Math.abs(limit)));
}

function inWords(refusal: Refusal): string {
  const never = refusal.attribute === 'connected' && refusal.seen === null;
  const words = describeRefusal(refusal);
  return never ? words.replace('connected not known', 'never connected') : words;
}

function numbered(index: number, rules: number): string {
  return rules < 2 ? '' : ` (rule ${index + 1} of ${rules})`;
}

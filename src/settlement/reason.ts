/** Why a call pays or not, in words that a publisher or a buyer can check against the record. */
import { durations, type Attributes, type Condition, type Refusal } from '../conditions/condition.ts';
import { describe, describeRefusal } from '../conditions/describe.ts';
import { evaluate, numeric } from '../conditions/evaluate.ts';
import { formatSeconds } from '../conditions/duration.ts';
import { asksFor, tierReached, type Measured } from './amount-of.ts';
import { stretches } from './billed-time.ts';
import { formatMoney, type Money } from './money.ts';
import { reportedName } from './reported.ts';
import type { PayRule, Pays } from './terms.ts';

/** `connected 95.12 s: billed 96 s at 1.20 a minute, connected at least 90 s (rule 1 of 3)`. */
export function whyItPays(
  { pays, when }: PayRule,
  index: number,
  rules: number,
  measured: Measured,
  minorDigits: number,
): string {
  const clock = 'of' in pays ? pays.of : 'connected';
  const time = clock === 'connected' ? measured.connectedMs : measured.inboundMs;
  const seen = time === null ? '' : `${clock} ${formatSeconds(time)}: `;
  const met = [...howItIsCounted(pays, measured, minorDigits), ...when.map(describe)];
  return `${seen}${met.length === 0 ? 'every call pays' : met.join(', ')}${numbered(index, rules)}`;
}

/** `a share of no revenue (rule 2 of 3)`: why the buyer pays nothing is no business of the publisher's. */
export function whyAShareIsNothing(index: number, rules: number): string {
  return `a share of no revenue${numbered(index, rules)}`;
}

/** Of the rule that came closest: `connected 88.412 s, needs 90 s (rule 1 of 3)`. */
export function whyNoRulePays(rules: readonly PayRule[], attributes: Attributes): string {
  let closest: Miss | null = null;
  for (const [index, rule] of rules.entries()) {
    const miss = missOf(index, rule, attributes);
    if (closest === null || isCloser(miss, closest)) closest = miss;
  }
  if (closest === null) return 'no rule pays for any call';
  return `${closest.words.join('; ')}${numbered(closest.index, rules.length)}`;
}

/** What an amount was made of, where the rule does not name it. */
function howItIsCounted(pays: Pays, measured: Measured, minorDigits: number): readonly string[] {
  const money = (amount: Money): string => formatMoney(amount, minorDigits);
  switch (pays.kind) {
    case 'flat':
      return [];
    // Publishers read this: the percentage is theirs to know, the revenue is not.
    case 'share':
      return [`${pays.ppm / 10_000}% of the revenue of this call`];
    case 'per_minute':
    case 'rates': {
      const time = (pays.of === 'connected' ? measured.connectedMs : measured.inboundMs) ?? 0;
      const parts = stretches(pays, time).map(
        ({ ms, rate }) => `${formatSeconds(ms)} at ${money(rate)} a minute`,
      );
      return [`billed ${parts.join(' and ')}`];
    }
    case 'tiers': {
      const time = (pays.of === 'connected' ? measured.connectedMs : measured.inboundMs) ?? 0;
      const tier = tierReached(pays, time);
      return tier === undefined ? [] : [`${money(tier.amount)} from ${formatSeconds(tier.from)} on`];
    }
    case 'reported': {
      const part = pays.ppm === 1_000_000 ? '' : `${pays.ppm / 10_000}% of `;
      return [`${part}${pays.name} reported at ${money(measured.reported.get(pays.name) ?? 0n)}`];
    }
  }
}

const dayMs = 86_400_000;

interface Miss {
  readonly index: number;
  /** One for each thing that it lacks. */
  readonly words: readonly string[];
  /** How far each fell short, 0 to 1: times as part of a day, numbers of their limit, all else 1. */
  readonly distance: number;
}

function missOf(index: number, { pays, when }: PayRule, attributes: Attributes): Miss {
  const refusals: Refusal[] = [];
  for (const condition of [...when, ...asksFor(pays)]) {
    const verdict = evaluate(condition, attributes);
    if (verdict !== true) refusals.push(verdict);
  }
  // All that it asks for is there, and still it does not hold: what was reported named no amount.
  if (refusals.length === 0 && pays.kind === 'reported') {
    return { index, words: [`${pays.name} reported without an amount`], distance: 1 };
  }
  const distance = refusals.reduce((sum, refusal) => sum + distanceOf(refusal), 0);
  // A rule by time may ask for some in its conditions, too: a thing is told once.
  return { index, words: [...new Set(refusals.map(inWords))], distance };
}

/** Fewer conditions missed, then the smaller shortfall, then the earlier rule: that one would have paid first. */
function isCloser(miss: Miss, than: Miss): boolean {
  if (miss.words.length !== than.words.length) return miss.words.length < than.words.length;
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
  const words = describeRefusal(refusal);
  if (refusal.seen !== null) return words;
  const report = reportedName(refusal.attribute);
  if (report !== null) return `${report} not reported`;
  return refusal.attribute === 'connected' ? words.replace('connected not known', 'never connected') : words;
}

function numbered(index: number, rules: number): string {
  return rules < 2 ? '' : ` (rule ${index + 1} of ${rules})`;
}

/**
 * What docs/money.md says a call is worth, written from that page alone and in another way than src/settlement:
 * slow, obvious, with fractions in place of scaled whole numbers. Only the types of its input are shared.
 */
import type { AttributeValue, Condition } from '../../src/conditions/condition.ts';
import type { Facts, Past } from '../../src/settlement/settle.ts';
import type { Clock, PayRule, TermsBook } from '../../src/settlement/terms.ts';
import { fraction, plus, roundTo, times, type Fraction, type Round } from './fractions.ts';

export interface WorthOfCall {
  readonly revenue: bigint;
  readonly payout: bigint;
  readonly margin: bigint;
  readonly converted: boolean;
  readonly revenueRule: number | null;
  readonly payoutRule: number | null;
}

const microUnits = 1_000_000n;
const msPerMinute = 60_000n;
const longestNumber = 18;

export function worthOf(call: Facts, book: TermsBook, past: Past): WorthOfCall {
  const cent = microUnits / 10n ** BigInt(book.minorDigits);
  if (!call.isAcknowledged)
    return { revenue: 0n, payout: 0n, margin: 0n, converted: false, revenueRule: null, payoutRule: null };
  const known = everythingKnown(call);

  const buyer = call.buyer === null ? undefined : book.buyers.get(call.buyer);
  const billing = firstThatHolds(buyer?.revenue ?? [], call, known);
  let revenue = 0n;
  if (billing !== null) {
    revenue =
      call.bid === null
        ? amountOf(billing.rule, call, 0n, cent)
        : roundTo(fraction(call.bid), cent, 'half_even');
  }
  if (buyer?.oncePerCaller != null && past.billed !== null) revenue = 0n;

  const ownTerms = book.campaigns.get(`${call.campaign}/${call.publisher}`);
  const campaign = ownTerms ?? book.campaigns.get(call.campaign);
  const paying = firstThatHolds(campaign?.payout ?? [], call, known);
  let payout = paying === null ? 0n : amountOf(paying.rule, call, revenue, cent);
  if (campaign?.oncePerCaller != null && past.paid !== null) payout = 0n;

  const caps = book.publishers.get(call.publisher)?.caps ?? [];
  caps.forEach((cap, at) => {
    if (cap.campaign !== null && cap.campaign !== call.campaign) return;
    const left = cap.limit - (past.owed[at] ?? 0n);
    if (payout > left) payout = left > 0n ? left : 0n;
  });

  return {
    revenue,
    payout,
    margin: revenue - payout,
    converted: billing !== null,
    revenueRule: billing?.index ?? null,
    payoutRule: paying?.index ?? null,
  };
}

type Known = ReadonlyMap<string, AttributeValue>;

function everythingKnown(call: Facts): Known {
  const known = new Map<string, AttributeValue>(
    Object.entries(call.attributes).filter(([name]) => !name.startsWith('reported.')),
  );
  known.delete('connected');
  known.set('inbound', call.inboundMs);
  if (call.connectedMs !== null) known.set('connected', call.connectedMs);
  for (const name of call.reported.keys()) known.set(`reported.${name}`, 'yes');
  return known;
}

function firstThatHolds(
  rules: readonly PayRule[],
  call: Facts,
  known: Known,
): { index: number; rule: PayRule } | null {
  for (const [index, rule] of rules.entries()) {
    if (rule.when.every((condition) => holds(condition, known)) && hasWhatItPaysBy(rule, call)) {
      return { index, rule };
    }
  }
  return null;
}

function hasWhatItPaysBy({ pays }: PayRule, call: Facts): boolean {
  switch (pays.kind) {
    case 'per_minute':
    case 'rates':
      return timeOn(pays.of, call) > 0;
    case 'tiers':
      return timeOn(pays.of, call) > 0 && pays.tiers.some((tier) => timeOn(pays.of, call) >= tier.from);
    case 'reported':
      return (call.reported.get(pays.name) ?? null) !== null;
    default:
      return true;
  }
}

function timeOn(clock: Clock, call: Facts): number {
  return clock === 'inbound' ? call.inboundMs : (call.connectedMs ?? 0);
}

function amountOf({ pays }: PayRule, call: Facts, revenue: bigint, cent: bigint): bigint {
  switch (pays.kind) {
    case 'flat':
      return pays.amount;
    case 'share':
      return partOf(revenue, pays.ppm, cent, pays.round);
    case 'reported':
      return partOf(call.reported.get(pays.name) ?? 0n, pays.ppm, cent, pays.round);
    case 'tiers': {
      const reached = pays.tiers.filter((tier) => timeOn(pays.of, call) >= tier.from);
      return reached.reduce((highest, tier) => (tier.from >= highest.from ? tier : highest), {
        from: -1,
        amount: 0n,
      }).amount;
    }
    case 'per_minute': {
      const time = billedTime(timeOn(pays.of, call), pays.first, pays.then);
      return roundTo(atRate(pays.rate, time), cent, pays.round);
    }
    case 'rates': {
      const time = billedTime(timeOn(pays.of, call), pays.first, pays.then);
      let sum = fraction(0n);
      pays.tiers.forEach((tier, at) => {
        const until = Math.min(time, pays.tiers[at + 1]?.from ?? Infinity);
        if (until > tier.from) sum = plus(sum, atRate(tier.rate, until - tier.from));
      });
      return roundTo(sum, cent, pays.round);
    }
  }
}

function partOf(whole: bigint, ppm: number, cent: bigint, round: Round): bigint {
  return roundTo(times(fraction(whole), fraction(BigInt(ppm), 1_000_000n)), cent, round);
}

function atRate(ratePerMinute: bigint, ms: number): Fraction {
  return times(fraction(ratePerMinute), fraction(BigInt(ms), msPerMinute));
}

/** FIRST once begun, then one THEN after the other until the time is covered. */
function billedTime(ms: number, first: number, then: number): number {
  return ms <= first ? first : first + Math.ceil((ms - first) / then) * then;
}

function holds(condition: Condition, known: Known): boolean {
  switch (condition.kind) {
    case 'not':
      return failsKnowingly(condition.condition, known);
    case 'any':
      return condition.conditions.some((one) => holds(one, known));
    case 'all':
      return condition.conditions.every((one) => holds(one, known));
    default: {
      const seen = known.get(condition.attribute);
      return seen !== undefined && agrees(condition, seen);
    }
  }
}

/** Not the opposite of `holds`: on an attribute that the call lacks, a condition neither holds nor fails. */
function failsKnowingly(condition: Condition, known: Known): boolean {
  switch (condition.kind) {
    case 'not':
      return holds(condition.condition, known);
    case 'any':
      return condition.conditions.every((one) => failsKnowingly(one, known));
    case 'all':
      return condition.conditions.some((one) => failsKnowingly(one, known));
    default: {
      const seen = known.get(condition.attribute);
      return seen !== undefined && !agrees(condition, seen);
    }
  }
}

type OnOneAttribute = Extract<Condition, { readonly attribute: string }>;

function agrees(condition: OnOneAttribute, seen: AttributeValue): boolean {
  if (condition.kind === 'is') return condition.values.some((value) => String(value) === String(seen));
  const text = String(seen);
  if (!/^-?\d+(\.\d+)?$/.test(text) || text.length > longestNumber) return false;
  const number = Number(text);
  if (condition.kind === 'between') return number >= condition.from && number <= condition.to;
  switch (condition.operator) {
    case '>=':
      return number >= condition.value;
    case '<=':
      return number <= condition.value;
    case '>':
      return number > condition.value;
    case '<':
      return number < condition.value;
  }
}

/**
 * What a call is worth to a buyer before it is made: its revenue rules, their clocks taken as met. By the minute it is
 * worth what five minutes cost, by tiers what the highest pays; what will be reported of it nobody knows: nothing.
 */
import { durations } from '../conditions/condition.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Worth } from '../routing/network.ts';
import { amountOf } from '../settlement/amount-of.ts';
import type { Money } from '../settlement/money.ts';
import { reportedName } from '../settlement/reported.ts';
import type { PayRule, Pays } from '../settlement/terms.ts';

/** One for each rule, in their order. */
export function worthOf(revenue: readonly PayRule[], minorDigits: number): Worth[] {
  return revenue.map(({ pays, when }) => ({
    pays: Number(expected(pays, minorDigits)),
    when: when.flatMap((condition) => withoutClocks(condition, true) ?? []),
  }));
}

/** How long a call is taken to last that is paid by the minute. */
const usualTalk = 300_000;

function expected(pays: Pays, minorDigits: number): Money {
  if (pays.kind === 'tiers') {
    return pays.tiers.reduce((most, { amount }) => (amount > most ? amount : most), 0n);
  }
  const measured = { connectedMs: usualTalk, inboundMs: usualTalk, reported: new Map(), revenue: 0n };
  return amountOf(pays, measured, minorDigits);
}

/** What is known only afterwards. */
const isAfterwards = (attribute: string): boolean =>
  durations.has(attribute) || reportedName(attribute) !== null;

/**
 * A condition without what it asks of `connected`, `inbound` and reports, each such question taken as answered
 * `favourably`: null where nothing is left to be asked. Under a `not` that is an answer of no.
 */
function withoutClocks(condition: Condition, favourably: boolean): [Condition] | null {
  switch (condition.kind) {
    case 'is':
    case 'compare':
    case 'between':
      return isAfterwards(condition.attribute) ? null : [condition];
    case 'not': {
      const inner = withoutClocks(condition.condition, !favourably);
      return inner && [{ kind: 'not', condition: inner[0] }];
    }
    case 'any':
    case 'all': {
      const left = condition.conditions.map((part) => withoutClocks(part, favourably));
      // A clock that is met settles an `any`; one that is not, an `all`.
      if ((condition.kind === 'any') === favourably && left.includes(null)) return null;
      const [first, ...more] = left.flatMap((part) => part ?? []);
      if (first === undefined) return null;
      return more.length === 0 ? [first] : [{ kind: condition.kind, conditions: [first, ...more] }];
    }
  }
}

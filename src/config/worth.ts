/** What a call is worth to a buyer before it is made: its revenue rules, their clocks taken as met. */
import { durations } from '../conditions/condition.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Worth } from '../routing/network.ts';
import type { PayRule } from '../settlement/terms.ts';

/** One for each rule that pays an amount, in the order of the rules. */
export function worthOf(revenue: readonly PayRule[]): Worth[] {
  return revenue.flatMap(({ pays, when }) =>
    pays.kind === 'flat' ? [{ pays: Number(pays.amount), when: when.flatMap(untimed) }] : [],
  );
}

const untimed = (condition: Condition): readonly Condition[] => withoutClocks(condition, true) ?? [];

/**
 * A condition without what it asks of `connected` and `inbound`, each such question taken as answered `favourably`:
 * null where nothing is left to be asked. Under a `not` that is an answer of no.
 */
function withoutClocks(condition: Condition, favourably: boolean): [Condition] | null {
  switch (condition.kind) {
    case 'is':
    case 'compare':
    case 'between':
      return durations.has(condition.attribute) ? null : [condition];
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

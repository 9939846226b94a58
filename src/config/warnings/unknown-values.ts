/** Values that an attribute never has: `caller.state: Texas`. */
import type { AttributeValue, Condition } from '../../conditions/condition.ts';
import { anyCall, isIn } from '../conditions/domains.ts';
import { offer } from '../values/nearest.ts';
import { placeOf } from './condition-places.ts';
import type { ConditionsAt } from './condition-places.ts';
import { payoutPath } from './unreached-rules.ts';
import type { Judged } from './judged.ts';

export function unknownValues(judged: Judged): void {
  const { network, terms } = judged.config;
  for (const { id, accepts } of network.buyers.values()) {
    tellUnknown({ path: ['buyers', id, 'accepts'], conditions: accepts }, judged);
  }
  for (const { buyer, revenue } of terms.buyers.values()) {
    revenue.forEach(({ when }, index) =>
      tellUnknown({ path: ['buyers', buyer, 'revenue', index, 'when'], conditions: when }, judged),
    );
  }
  for (const [key, { payout }] of terms.campaigns) {
    payout.forEach(({ when }, index) =>
      tellUnknown({ path: [...payoutPath(key), index, 'when'], conditions: when }, judged),
    );
  }
}

function tellUnknown(map: ConditionsAt, { tree, report }: Judged): void {
  map.conditions.forEach((condition, index) => {
    for (const { attribute, value } of namedIn(condition)) {
      const domain = anyCall(attribute);
      if (isIn(domain, value)) continue;
      const hint = offer(String(value), (domain.values ?? []).map(String), forms.get(attribute) ?? '');
      report.warning(placeOf(map, index, tree), `${attribute} is never "${String(value)}"`, hint, 'key');
    }
  });
}

/** How attributes are written whose values are too many to name. */
const forms = new Map([
  ['caller.number', 'E.164: "+12125550123"'],
  ['call.number', 'E.164: "+18005550100"'],
  ['caller.country', 'two capital letters of ISO 3166: US, GB, DE'],
  ['caller.area_code', 'three digits: 212'],
  ['caller.timezone', 'a zone of the IANA database: America/New_York'],
]);

interface Named {
  readonly attribute: string;
  readonly value: AttributeValue;
}

function namedIn(condition: Condition): Named[] {
  switch (condition.kind) {
    case 'is':
      return condition.values.map((value) => ({ attribute: condition.attribute, value }));
    case 'compare':
    case 'between':
      return [];
    case 'not':
      return namedIn(condition.condition);
    case 'any':
    case 'all':
      return condition.conditions.flatMap(namedIn);
  }
}

/**
 * Conditions over the attributes of a call: the one language of `accepts` and `when`.
 * A leaf of the house: pure, imports nothing; routing and settlement both stand on it.
 */

export type AttributeValue = string | number | boolean;

/** What is known of a call, by its full name: `caller.state`, `ivr.zip`, `call.hour`. Durations are milliseconds. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type Operator = '>=' | '<=' | '>' | '<';

export type Condition =
  | { readonly kind: 'is'; readonly attribute: string; readonly values: readonly AttributeValue[] }
  | {
      readonly kind: 'compare';
      readonly attribute: string;
      readonly operator: Operator;
      readonly value: number;
    }
  /** Both ends belong to it. */
  | { readonly kind: 'between'; readonly attribute: string; readonly from: number; readonly to: number }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'all'; readonly conditions: readonly Condition[] };

/** Why a condition does not hold for a call. */
export interface Refusal {
  readonly attribute: string;
  /** `null`: not known of this call. */
  readonly seen: AttributeValue | null;
  /** What was asked for: a value, several of which one would do, or the comparison as text (`>= 18`). */
  readonly limit: AttributeValue | readonly AttributeValue[];
  /** The innermost condition to blame. */
  readonly condition: Condition;
}

/** Attributes that are times: their operands carry a unit (`90s`), they are printed in seconds. */
export const durations: ReadonlySet<string> = new Set(['connected', 'inbound']);

/** Every attribute that a condition reads, in the order in which it reads them. */
export function attributesRead(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'is':
    case 'compare':
    case 'between':
      return [condition.attribute];
    case 'not':
      return attributesRead(condition.condition);
    case 'any':
    case 'all':
      return [...new Set(condition.conditions.flatMap(attributesRead))];
  }
}

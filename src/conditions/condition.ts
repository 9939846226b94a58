/**
 * Conditions over the attributes of a call: the one language of `accepts` and `when`.
 * A leaf of the house: pure, imports nothing; routing and settlement both stand on it.
 */

export type AttributeValue = string | number | boolean;

/** What is known of a call, by its full name: `caller.state`, `ivr.zip`, `call.hour`. Durations are milliseconds. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type Condition =
  | { readonly kind: 'is'; readonly attribute: string; readonly values: readonly AttributeValue[] }
  | {
      readonly kind: 'compare';
      readonly attribute: string;
      readonly operator: '>=' | '<=' | '>' | '<';
      readonly value: number;
    }
  | { readonly kind: 'between'; readonly attribute: string; readonly from: number; readonly to: number }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'all'; readonly conditions: readonly Condition[] };

/** Conditions that ask whether one attribute lies in a range: `ivr.age: 18-64`, `call.hour: ">= 9"`. */
import type { Attributes, Condition } from '../conditions/condition.ts';
import { known, numeric } from '../conditions/evaluate.ts';
import type { AttributeIndex, Placed } from './accept-index.ts';
import { clearBit, type Bits } from './bits.ts';

/** Both ends belong to it. */
export interface RangeTest {
  readonly attribute: string;
  readonly from: number;
  readonly to: number;
}

/** null: it is no comparison. */
export function rangeTest(condition: Condition): RangeTest | null {
  if (condition.kind === 'between') {
    const { attribute, from, to } = condition;
    return { attribute, from, to };
  }
  if (condition.kind !== 'compare') return null;
  const { attribute, operator, value } = condition;
  switch (operator) {
    case '>=':
      return { attribute, from: value, to: Infinity };
    case '<=':
      return { attribute, from: -Infinity, to: value };
    case '>':
      return { attribute, from: nextAbove(value), to: Infinity };
    case '<':
      return { attribute, from: -Infinity, to: -nextAbove(-value) };
  }
}

/** Nobody's range is looked up but everybody's is looked at: a nanosecond each, for they stand in a row. */
export class RangeIndex implements AttributeIndex {
  readonly #attribute: string;
  readonly #places: Int32Array;
  /** From, to, from, to … */
  readonly #ranges: Float64Array;

  constructor(attribute: string, placed: readonly Placed<RangeTest>[]) {
    this.#attribute = attribute;
    this.#places = Int32Array.from(placed, ({ at }) => at);
    this.#ranges = Float64Array.from(placed.flatMap(({ test }) => [test.from, test.to]));
  }

  keepAccepting(bits: Bits, attributes: Attributes): void {
    const seen = known(attributes, this.#attribute);
    // What is not known or no number lies in no range: no comparison with NaN holds.
    const value = seen === null ? Number.NaN : (numeric(seen) ?? Number.NaN);
    const ranges = this.#ranges;
    for (let index = 0; index < this.#places.length; index++) {
      const isWithin = value >= (ranges[2 * index] ?? 0) && value <= (ranges[2 * index + 1] ?? 0);
      if (!isWithin) clearBit(bits, this.#places[index] ?? 0);
    }
  }
}

const double = new Float64Array(1);
const raw = new BigInt64Array(double.buffer);

/** The least number above: so that `> 18` is a range whose ends belong to it. */
function nextAbove(value: number): number {
  if (value === Infinity || Number.isNaN(value)) return value;
  if (value === 0) return Number.MIN_VALUE;
  double[0] = value;
  raw[0] = (raw[0] ?? 0n) + (value > 0 ? 1n : -1n);
  return double[0];
}

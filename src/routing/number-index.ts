/**
 * Tracking numbers by the million, in twelve bytes a slot: an open-addressed hash table of digits in typed arrays, which
 * the garbage collector does not walk. Numbers of the same campaign, publisher and source share one owner.
 */
import type { Numbers, TrackingNumber } from './network.ts';
import { Owners, type Owner, type OwnersParts } from './owners.ts';

/** What an index is made of: another thread is handed the arrays, not a copy of them. */
export interface NumberIndexParts {
  readonly owners: OwnersParts;
  readonly digits: Float64Array<ArrayBuffer>;
  readonly ownerAt: Uint32Array<ArrayBuffer>;
  readonly size: number;
}

export class NumberIndex implements Numbers {
  #owners = new Owners();
  /** The digits as a number, at most 15 of them; 0 is a free slot. */
  #digits: Float64Array<ArrayBuffer>;
  #ownerAt: Uint32Array<ArrayBuffer>;
  #size = 0;

  /** With how many numbers to expect, it never grows while it is filled. */
  constructor(expected = 0) {
    let slots = 16;
    while (slots * fullest < expected) slots *= 2;
    this.#digits = new Float64Array(slots);
    this.#ownerAt = new Uint32Array(slots);
  }

  /** The index whose `parts` these are; it takes them over, however large, at once. */
  static of({ owners, digits, ownerAt, size }: NumberIndexParts): NumberIndex {
    const index = new NumberIndex();
    index.#owners = Owners.of(owners);
    index.#digits = digits;
    index.#ownerAt = ownerAt;
    index.#size = size;
    return index;
  }

  /** Still the index's own memory: whoever gives it away has no index any more. */
  parts(): NumberIndexParts {
    const owners = this.#owners.parts();
    return { owners, digits: this.#digits, ownerAt: this.#ownerAt, size: this.#size };
  }

  get size(): number {
    return this.#size;
  }

  get owners(): Pick<Owners, 'count' | 'at'> {
    return this.#owners;
  }

  /** Throws where it is no E.164 number. */
  set(number: string, owner: Owner): void {
    const digits = digitsOf(number);
    if (digits === 0) throw new Error(`${number} is no E.164 number`);
    if (this.#size >= this.#digits.length * fullest) this.#grow();
    const slot = this.#slotOf(digits);
    if (this.#digits[slot] === 0) this.#size++;
    this.#digits[slot] = digits;
    this.#ownerAt[slot] = this.#owners.add(owner);
  }

  /** The place in `owners`; -1 where the number is not ours. Allocates nothing, whatever the text. */
  ownerOf(number: string): number {
    const digits = digitsOf(number);
    if (digits === 0) return -1;
    const slot = this.#slotOf(digits);
    return this.#digits[slot] === 0 ? -1 : (this.#ownerAt[slot] ?? -1);
  }

  get(number: string): TrackingNumber | undefined {
    const owner = this.#owners.at(this.ownerOf(number));
    return owner === null ? undefined : { number, ...owner };
  }

  /** In no order that means anything, but in the same for the same numbers set in the same order. */
  *[Symbol.iterator](): Generator<readonly [string, TrackingNumber]> {
    for (const [slot, digits] of this.#digits.entries()) {
      const owner = digits === 0 ? null : this.#owners.at(this.#ownerAt[slot] ?? -1);
      if (owner === null) continue;
      const number = `+${digits}`;
      yield [number, { number, ...owner }];
    }
  }

  /** Where the number stands, or the free slot where it would. */
  #slotOf(digits: number): number {
    const mask = this.#digits.length - 1;
    let slot = spread(digits) & mask;
    for (;;) {
      const present = this.#digits[slot];
      if (present === digits || present === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const digits = this.#digits;
    const ownerAt = this.#ownerAt;
    this.#digits = new Float64Array(digits.length * 2);
    this.#ownerAt = new Uint32Array(digits.length * 2);
    for (const [from, number] of digits.entries()) {
      if (number === 0) continue;
      const slot = this.#slotOf(number);
      this.#digits[slot] = number;
      this.#ownerAt[slot] = ownerAt[from] ?? 0;
    }
  }
}

/** Beyond it, looking for what is not there takes too many steps. */
const fullest = 0.7;

/** `+` and 1 to 15 digits, the first not 0; else 0. Fifteen digits lie well within the integers of a double. */
function digitsOf(number: string): number {
  const length = number.length;
  if (length < 2 || length > 16 || number.charCodeAt(0) !== plus || number.charCodeAt(1) === zero) return 0;
  let digits = 0;
  for (let at = 1; at < length; at++) {
    const digit = number.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return 0;
    digits = digits * 10 + digit;
  }
  return digits;
}

const plus = 43;
const zero = 48;

/** Neighbouring numbers, which are what pools are made of, to slots far apart (the finalizer of MurmurHash3). */
function spread(digits: number): number {
  let hash = digits ^ Math.imul(Math.floor(digits / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

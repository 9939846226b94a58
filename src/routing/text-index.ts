/** Conditions that ask whether one attribute is, or is not, among certain texts: `caller.state: [ TX, OK ]`. */
import type { Attributes, Condition } from '../conditions/condition.ts';
import { evaluate, known } from '../conditions/evaluate.ts';
import type { AttributeIndex, Placed } from './accept-index.ts';
import { allBits, clearBit, setBit, type Bits } from './bits.ts';

/** A truth about one attribute: `otherwise`, but for some texts. Where the attribute is not known: false. */
export interface TextTest {
  readonly attribute: string;
  readonly otherwise: boolean;
  readonly except: readonly string[];
}

/** null: it reads more than one attribute, or none, or compares. */
export function textTest(condition: Condition): TextTest | null {
  const leaves = leavesOf(condition);
  const attribute = leaves[0]?.attribute;
  if (attribute === undefined) return null;
  const texts = new Set<string>();
  for (const leaf of leaves) {
    if (leaf.kind !== 'is' || leaf.attribute !== attribute) return null;
    for (const value of leaf.values) texts.add(String(value));
  }
  if (condition.kind === 'is') return { attribute, otherwise: false, except: [...texts] };
  // `not: { all: [ { any: [] }, … ] }` holds whatever is known.
  if (evaluate(condition, {}) === true) return null;
  const holds = (text: string): boolean => evaluate(condition, { [attribute]: text }) === true;
  const otherwise = holds(textBut(texts));
  return { attribute, otherwise, except: [...texts].filter((text) => holds(text) !== otherwise) };
}

type Leaf = Extract<Condition, { readonly attribute: string }>;

function leavesOf(condition: Condition): readonly Leaf[] {
  if (condition.kind === 'not') return leavesOf(condition.condition);
  if (condition.kind === 'any' || condition.kind === 'all') return condition.conditions.flatMap(leavesOf);
  return [condition];
}

function textBut(texts: ReadonlySet<string>): string {
  let text = '';
  while (texts.has(text)) text += '-';
  return text;
}

/** Texts as numbers, shared by all campaigns of a table: the few that calls bring are soon near at hand. */
export class Vocabulary {
  readonly #ids = new Map<string, number>();

  /** -1: no campaign lists it. */
  idOf(text: string): number {
    return this.#ids.get(text) ?? -1;
  }

  add(text: string): number {
    const present = this.#ids.get(text);
    if (present !== undefined) return present;
    this.#ids.set(text, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/**
 * Memory grows with the texts listed, not with texts times routes; and it is little and lies together, for what a
 * decision costs is the memory that it has to fetch.
 */
export class TextIndex implements AttributeIndex {
  readonly #attribute: string;
  readonly #vocabulary: Vocabulary;
  /** Who does not ask at all; then, who accepts a text that nobody lists. */
  readonly #bits: Bits;
  /** A hash table of pairs: a text's id + 1 (0: free), where its list stands. Then the lists. */
  readonly #lists: Int32Array;
  readonly #slots: number;

  /** `placed` in the order of the places, each place once. */
  constructor(attribute: string, placed: readonly Placed<TextTest>[], size: number, vocabulary: Vocabulary) {
    this.#attribute = attribute;
    this.#vocabulary = vocabulary;
    const indifferent = allBits(size);
    for (const { at } of placed) clearBit(indifferent, at);
    const otherwise = indifferent.slice();
    const differing = new Map<number, number[]>();
    for (const { at, test } of placed) {
      if (test.otherwise) setBit(otherwise, at);
      for (const text of test.except) {
        const id = vocabulary.add(text);
        const present = differing.get(id);
        if (present === undefined) differing.set(id, [at]);
        else present.push(at);
      }
    }
    this.#bits = Int32Array.of(...indifferent, ...otherwise);
    this.#slots = 1;
    while (this.#slots < differing.size * 2) this.#slots *= 2;
    this.#lists = this.#written(differing);
  }

  keepAccepting(bits: Bits, attributes: Attributes): void {
    const seen = known(attributes, this.#attribute);
    if (seen === null) this.#keep(bits, 0, -1);
    else this.#keep(bits, bits.length, this.#listOf(typeof seen === 'string' ? seen : String(seen)));
  }

  /** Keeps who is in the row of bits that begins at `row`, turned about for the places of a list. */
  #keep(bits: Bits, row: number, list: number): void {
    const lists = this.#lists;
    let left = list < 0 ? 0 : (lists[list] ?? 0);
    let next = list + 1;
    for (let word = 0; word < bits.length; word++) {
      let accepting = this.#bits[row + word] ?? 0;
      for (; left > 0; left--, next++) {
        const place = lists[next] ?? 0;
        if (place >> 5 !== word) break;
        accepting ^= 1 << (place & 31);
      }
      bits[word] = (bits[word] ?? 0) & accepting;
    }
  }

  /** Where the list of those stands who do not think of this text as of any other; -1: nobody lists it. */
  #listOf(text: string): number {
    const id = this.#vocabulary.idOf(text);
    if (id < 0) return -1;
    const slot = this.#slotOf(this.#lists, id);
    return this.#lists[2 * slot] === 0 ? -1 : (this.#lists[2 * slot + 1] ?? -1);
  }

  #slotOf(lists: Int32Array, id: number): number {
    let slot = id & (this.#slots - 1);
    while (lists[2 * slot] !== 0 && lists[2 * slot] !== id + 1) slot = (slot + 1) & (this.#slots - 1);
    return slot;
  }

  #written(differing: ReadonlyMap<number, readonly number[]>): Int32Array {
    let end = 2 * this.#slots;
    for (const places of differing.values()) end += 1 + places.length;
    const lists = new Int32Array(end);
    let next = 2 * this.#slots;
    for (const [id, places] of differing) {
      const slot = this.#slotOf(lists, id);
      lists[2 * slot] = id + 1;
      lists[2 * slot + 1] = next;
      lists[next] = places.length;
      lists.set(places, next + 1);
      next += 1 + places.length;
    }
    return lists;
  }
}

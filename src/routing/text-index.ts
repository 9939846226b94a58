/** Conditions that ask whether one attribute is, or is not, among certain texts: `caller.state: [ TX, OK ]`. */
import type { Condition } from '../conditions/condition.ts';
import { evaluate, known } from '../conditions/evaluate.ts';
import type { AttributeIndex, Placed } from './accept-index.ts';
import { allBits, clearBit, keepCommon, setBit, type Bits } from './bits.ts';

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

/** `placed` in the order of the places. Memory grows with the texts listed, not with texts times routes. */
export function textIndex(
  attribute: string,
  placed: readonly Placed<TextTest>[],
  size: number,
): AttributeIndex {
  const layers = inLayers(placed).map((layer) => new Layer(layer, size));
  return {
    keepAccepting: (bits, attributes) => {
      const seen = known(attributes, attribute);
      const text = seen === null || typeof seen === 'string' ? seen : String(seen);
      for (const layer of layers) layer.keep(bits, text);
    },
  };
}

/** A route may test an attribute twice; a layer holds each route once. */
function inLayers(placed: readonly Placed<TextTest>[]): readonly Placed<TextTest>[][] {
  const layers: Placed<TextTest>[][] = [];
  for (const one of placed) {
    const free = layers.find((layer) => layer.at(-1)?.at !== one.at);
    if (free === undefined) layers.push([one]);
    else free.push(one);
  }
  return layers;
}

class Layer {
  /** Who does not ask at all. */
  readonly #indifferent: Bits;
  /** Who accepts a text that nobody lists. */
  readonly #otherwise: Bits;
  /** Text → which of the lists in `#places` is its own: who does not think of it as of any other. */
  readonly #listOf = new Map<string, number>();
  readonly #starts: Uint32Array;
  /** List after list, each in ascending order. */
  readonly #places: Uint16Array | Uint32Array;

  constructor(placed: readonly Placed<TextTest>[], size: number) {
    this.#indifferent = allBits(size);
    for (const { at } of placed) clearBit(this.#indifferent, at);
    this.#otherwise = this.#indifferent.slice();
    const lists: number[][] = [];
    for (const { at, test } of placed) {
      if (test.otherwise) setBit(this.#otherwise, at);
      for (const text of test.except) {
        const list = this.#listOf.get(text);
        if (list === undefined) this.#listOf.set(text, lists.push([at]) - 1);
        else lists[list]?.push(at);
      }
    }
    this.#starts = new Uint32Array(lists.length + 1);
    for (const [list, places] of lists.entries()) {
      this.#starts[list + 1] = (this.#starts[list] ?? 0) + places.length;
    }
    this.#places = (size > 0xffff ? Uint32Array : Uint16Array).from(lists.flat());
  }

  keep(bits: Bits, text: string | null): void {
    if (text === null) {
      keepCommon(bits, this.#indifferent);
      return;
    }
    const list = this.#listOf.get(text);
    if (list === undefined) {
      keepCommon(bits, this.#otherwise);
      return;
    }
    const end = this.#starts[list + 1] ?? 0;
    let next = this.#starts[list] ?? 0;
    for (let word = 0; word < bits.length; word++) {
      let accepting = this.#otherwise[word] ?? 0;
      for (; next < end; next++) {
        const place = this.#places[next] ?? 0;
        if (place >> 5 !== word) break;
        accepting ^= 1 << (place & 31);
      }
      bits[word] = (bits[word] ?? 0) & accepting;
    }
  }
}

import type { LineCounter, Node } from 'yaml';
import { isBranch } from './tree.ts';
import type { Branch, Path, Tree } from './tree.ts';

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the key and the value at a path were written. */
export interface Written {
  readonly key: Position | null;
  readonly value: Position;
  /** Of a text with something of the environment in it: what it became, and how it was written. */
  readonly filled?: { readonly text: string; readonly as: string };
}

type Inner = Branch | readonly Tree[];

/**
 * Where everything in a tree was written: the offsets of key and value for each thing under a map or list, side by side
 * in one list of numbers. Most of it is never asked for, so that lines and columns are counted out only when there is
 * something to say, and a file of ten thousand things keeps little but their texts.
 */
export class Places {
  private readonly lines: LineCounter;
  private readonly offsets: number[] = [];
  /** Where the offsets of what is under a map or list begin. */
  private readonly starts = new Map<Inner, number>();
  private readonly orders = new Map<Branch, ReadonlyMap<string, number>>();
  private readonly fillings = new Map<Inner, Map<string, string>>();
  private whole = none;

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  /** Of the whole document. */
  begins(node: Node | null): void {
    this.whole = startOf(node);
  }

  /** There will be at most `count` things under `parent`. */
  under(parent: Inner, count: number): void {
    this.starts.set(parent, this.offsets.length);
    for (let left = 2 * count; left > 0; left--) this.offsets.push(none);
  }

  /** Of the thing at a place in the order of writing. */
  put(parent: Inner, index: number, key: Node | null, value: Node | null): void {
    const start = (this.starts.get(parent) ?? 0) + 2 * index;
    this.offsets[start] = startOf(key);
    this.offsets[start + 1] = startOf(value);
  }

  /** Where the key of the thing at a place in the order of writing stands. */
  keyAt(parent: Inner, index: number): Position | null {
    return this.at(this.offsets[(this.starts.get(parent) ?? 0) + 2 * index] ?? none);
  }

  /** In which order the keys of a map were written, where it is not the order that an object keeps. */
  ordered(branch: Branch, order: ReadonlyMap<string, number>): void {
    this.orders.set(branch, order);
  }

  /** The text under a step had something of the environment put in. */
  filled(parent: Inner, step: string | number, as: string): void {
    const known = this.fillings.get(parent);
    if (known === undefined) this.fillings.set(parent, new Map([[String(step), as]]));
    else known.set(String(step), as);
  }

  /** Undefined where nothing stands. */
  find(tree: Tree, path: Path): Written | undefined {
    let here = tree;
    let found: Written = { key: null, value: this.at(this.whole) ?? { line: 1, column: 1 } };
    for (const step of path) {
      if (here === null || typeof here === 'string') return undefined;
      const index = isBranch(here) ? this.orderOf(here).get(String(step)) : Number(step);
      const inner = isBranch(here) ? here[String(step)] : here[Number(step)];
      if (index === undefined || inner === undefined) return undefined;
      found = this.written(here, step, index, inner, found.value);
      here = inner;
    }
    return found;
  }

  private written(
    parent: Inner,
    step: string | number,
    index: number,
    inner: Tree,
    around: Position,
  ): Written {
    const start = (this.starts.get(parent) ?? 0) + 2 * index;
    const key = this.at(this.offsets[start] ?? none);
    const value = this.at(this.offsets[start + 1] ?? none) ?? key ?? around;
    const as = this.fillings.get(parent)?.get(String(step));
    if (as === undefined || typeof inner !== 'string') return { key, value };
    return { key, value, filled: { text: inner, as } };
  }

  private orderOf(branch: Branch): ReadonlyMap<string, number> {
    const known = this.orders.get(branch);
    if (known !== undefined) return known;
    const order = new Map(Object.keys(branch).map((key, index) => [key, index]));
    this.orders.set(branch, order);
    return order;
  }

  private at(offset: number): Position | null {
    return offset === none ? null : positionAt(this.lines, offset);
  }
}

const none = -1;

/** Where a node starts; -1 where nothing was written, as after `key:`. */
function startOf(node: Node | null): number {
  if (node?.range == null) return none;
  const [start, end] = node.range;
  return start === end ? none : start;
}

export function positionOf(lines: LineCounter, node: Node | null): Position | null {
  const start = startOf(node);
  return start === none ? null : positionAt(lines, start);
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

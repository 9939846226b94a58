import type { LineCounter, Node } from 'yaml';
import { isBranch } from './tree.ts';
import type { Path, Tree } from './tree.ts';

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

type Inner = Exclude<Tree, string | null>;

/**
 * Where everything in a tree was written: two offsets into the text for each thing under a map or list. Most of it is
 * never asked for, so that lines and columns are counted out only when there is something to say.
 */
export class Places {
  private readonly lines: LineCounter;
  private readonly offsets = new Map<Inner, Offsets>();
  private readonly fillings = new Map<Inner, Map<string, string>>();
  private start = 0;

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  /** Of the whole document. */
  starts(offset: number): void {
    this.start = offset;
  }

  under(parent: Inner, offsets: Offsets): void {
    this.offsets.set(parent, offsets);
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
    let found: Written = { key: null, value: this.at(this.start) ?? { line: 1, column: 1 } };
    for (const step of path) {
      if (here === null || typeof here === 'string') return undefined;
      const inner = isBranch(here) ? here[String(step)] : here[Number(step)];
      const index = this.offsets.get(here)?.indexOf(step) ?? -1;
      if (inner === undefined || index < 0) return undefined;
      found = this.written(here, step, index, inner, found);
      here = inner;
    }
    return found;
  }

  private written(
    parent: Inner,
    step: string | number,
    index: number,
    inner: Tree,
    around: Written,
  ): Written {
    const offsets = this.offsets.get(parent);
    const key = this.at(offsets?.keys[index] ?? none);
    const value = this.at(offsets?.values[index] ?? none) ?? key ?? around.value;
    const as = this.fillings.get(parent)?.get(String(step));
    if (as === undefined || typeof inner !== 'string') return { key, value };
    return { key, value, filled: { text: inner, as } };
  }

  private at(offset: number): Position | null {
    return offset === none ? null : positionAt(this.lines, offset);
  }
}

const none = -1;

/** Of the things under one map or list, in the order in which they were written. */
export class Offsets {
  readonly keys: number[] = [];
  readonly values: number[] = [];
  /** Null for a list. */
  private readonly names: string[] | null;
  private index: Map<string, number> | null = null;

  constructor(of: 'map' | 'list') {
    this.names = of === 'map' ? [] : null;
  }

  add(name: string, key: Node | null, value: Node | null): void {
    this.names?.push(name);
    this.keys.push(startOf(key));
    this.values.push(startOf(value));
  }

  indexOf(step: string | number): number {
    if (this.names === null) return Number(step) < this.values.length ? Number(step) : none;
    this.index ??= new Map(this.names.map((name, index) => [name, index]));
    return this.index.get(String(step)) ?? none;
  }
}

/** Nothing was written where a node is empty, as after `key:`. */
export function startOf(node: Node | null): number {
  if (node?.range == null) return none;
  const [start, end] = node.range;
  return start === end ? none : start;
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

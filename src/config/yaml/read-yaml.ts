import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import { substitute } from '../environment.ts';
import type { Environment } from '../environment.ts';
import { Places, positionAt, positionOf } from './places.ts';
import type { Position, Written } from './places.ts';
import { newBranch } from './tree.ts';
import type { Branch, Path, Tree } from './tree.ts';

/** What stands in a file is bounded by its size; what aliases multiply it to, by this. */
const mostRepeated = 20_000;
const deepest = 32;

interface YamlText {
  readonly tree: Tree;
  /** Where a path of it was written; undefined where nothing stands. */
  readonly find: (path: Path) => Written | undefined;
  /** Said before any field is looked at: variables that are not set, keys given twice. */
  readonly remarks: readonly Remark[];
}

export interface Remark {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly where: 'value' | 'key' | Position;
}

/** Why a text is no YAML. */
export interface Misspelt {
  readonly message: string;
  readonly at: Position;
}

/** YAML 1.2 to a tree of texts with the place of each; or why it is no YAML. */
export function readYaml(
  text: string,
  env: Environment,
): { ok: true; yaml: YamlText } | { ok: false; errors: readonly Misspelt[] } {
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      version: '1.2',
      uniqueKeys: false,
      prettyErrors: false,
    });
  } catch (error) {
    // The composer recurses: a file of nothing but brackets overflows its stack.
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, errors: [{ message: 'is nested too deeply', at: { line: 1, column: 1 } }] };
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      errors: document.errors.map(({ message, pos }) => ({
        message: plain(message),
        at: positionAt(lines, pos[0]),
      })),
    };
  }
  const places = new Places(lines);
  const reader = new TreeReader(places, lines, env);
  const tree = reader.readWhole(document.contents);
  return { ok: true, yaml: { tree, find: (path) => places.find(tree, path), remarks: reader.remarks } };
}

class TreeReader {
  readonly remarks: Remark[] = [];
  /** How many nodes were read through aliases, and through how many of them this one is. */
  private repeated = 0;
  private within = 0;
  private readonly anchors = new Map<string, Node>();
  private overflowed = false;
  /** The way down to what is being read. */
  private readonly path: (string | number)[] = [];
  private readonly places: Places;
  private readonly lines: LineCounter;
  private readonly env: Environment;

  constructor(places: Places, lines: LineCounter, env: Environment) {
    this.places = places;
    this.lines = lines;
    this.env = env;
  }

  readWhole(contents: Node | null): Tree {
    this.places.begins(contents);
    return this.read(contents);
  }

  private read(node: Node | null): Tree {
    if (this.within > 0) this.repeated += 1;
    if (this.repeated > mostRepeated || this.path.length > deepest) return this.tooMuch();
    if (isAlias(node)) return this.readAlias(node);
    if (node?.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return this.readScalar(node.value, node.source ?? '');
    if (isMap(node)) return this.readMap(node.items as Pair<Node | null, Node | null>[]);
    return isSeq(node) ? this.readList(node.items as (Node | null)[]) : null;
  }

  private readAlias(alias: Alias): Tree {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      return this.refuse(
        `the alias *${alias.source} names no anchor before it`,
        `write &${alias.source} where it stands for the first time`,
      );
    }
    this.within += 1;
    const tree = this.read(target);
    this.within -= 1;
    return tree;
  }

  private readList(items: readonly (Node | null)[]): Tree {
    const list: Tree[] = [];
    this.places.under(list, items.length);
    items.forEach((item, index) => {
      this.places.put(list, index, null, item);
      list.push(this.readUnder(list, index, item));
    });
    return list;
  }

  private readMap(pairs: readonly Pair<Node | null, Node | null>[]): Tree {
    const branch: Record<string, Tree> = newBranch();
    this.places.under(branch, pairs.length);
    const order = new Map<string, number>();
    for (const { key: node, value } of pairs) {
      if (!isScalar(node)) {
        const where = this.at(node) ?? 'value';
        this.remark(['?'], 'a key must be plain text', 'a list or a map cannot be a key', where);
        continue;
      }
      const key = node.source ?? '';
      const before = order.get(key);
      if (before !== undefined) {
        const hint = alreadyAt(this.places.keyAt(branch, before));
        this.remark([key], `"${key}" is given twice`, hint, this.at(node) ?? 'key');
        continue;
      }
      this.places.put(branch, order.size, node, value);
      order.set(key, order.size);
      branch[key] = this.readUnder(branch, key, value);
    }
    // An object puts keys that are whole numbers before all others.
    if ([...order.keys()].some((key) => /^\d+$/.test(key))) this.places.ordered(branch, order);
    return branch;
  }

  private readUnder(parent: Branch | Tree[], step: string | number, node: Node | null): Tree {
    this.path.push(step);
    const tree = this.read(node);
    this.path.pop();
    const as = isScalar(node) ? (node.source ?? '') : tree;
    if (as !== tree && typeof as === 'string' && tree !== null) this.places.filled(parent, step, as);
    return tree;
  }

  private readScalar(value: unknown, source: string): Tree {
    if (value === null) return null;
    if (!source.includes('${')) return source;
    const { text, unset } = substitute(source, this.env);
    for (const name of unset) {
      this.refuse(
        `the environment variable ${name} is not set`,
        `set ${name}, or give a default: \${${name}:-…}`,
      );
    }
    return text;
  }

  private refuse(message: string, hint: string): null {
    this.remark([], message, hint, 'value');
    return null;
  }

  private remark(under: Path, message: string, hint: string, where: Remark['where']): void {
    this.remarks.push({ severity: 'error', path: [...this.path, ...under], message, hint, where });
  }

  /** Said once: an alias within what it names would say it without end. */
  private tooMuch(): null {
    if (this.overflowed) return null;
    this.overflowed = true;
    return this.refuse('is nested too deeply, or too large', 'does an alias stand within what it names?');
  }

  private at(node: Node | null): Position | null {
    return positionOf(this.lines, node);
  }
}

const alreadyAt = (first: Position | null): string =>
  first === null ? 'keep one of the two' : `it stands on line ${first.line} already: keep one of the two`;

const plain = (message: string): string =>
  `not YAML: ${message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '')}`;

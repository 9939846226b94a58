import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import type { Problem } from '../config.ts';
import { substitute } from '../environment.ts';
import type { Environment } from '../environment.ts';
import { pathKey } from '../report.ts';
import type { Position, Where, Written } from '../report.ts';
import type { Path, Tree } from './tree.ts';

/** What stands in a file is bounded by its size; what aliases multiply it to, by this. */
const mostRepeated = 20_000;
const deepest = 32;

export interface YamlText {
  readonly tree: Tree;
  readonly written: ReadonlyMap<string, Written>;
  /** Said before any field is looked at: variables that are not set, keys given twice. */
  readonly remarks: readonly Remark[];
}

export interface Remark {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly where: Where;
}

/** YAML 1.2 to a tree of texts with the place of each; or why it is no YAML. */
export function readYaml(
  text: string,
  env: Environment,
): { ok: true; yaml: YamlText } | { ok: false; problems: Problem[] } {
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
    return { ok: false, problems: [syntaxProblem('is nested too deeply', { line: 1, column: 1 })] };
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) =>
        syntaxProblem(plain(error.message), positionAt(lines, error.pos[0])),
      ),
    };
  }
  const reader = new TreeReader(lines, env);
  const tree = reader.read(document.contents, []);
  return { ok: true, yaml: { tree, written: reader.written, remarks: reader.remarks } };
}

class TreeReader {
  readonly written = new Map<string, Written>();
  readonly remarks: Remark[] = [];
  /** How many nodes were read through aliases, and through how many of them this one is. */
  private repeated = 0;
  private within = 0;
  private readonly anchors = new Map<string, Node>();
  private overflowed = false;
  private readonly lines: LineCounter;
  private readonly env: Environment;

  constructor(lines: LineCounter, env: Environment) {
    this.lines = lines;
    this.env = env;
  }

  read(node: Node | null, path: Path, key: Position | null = null): Tree {
    if (this.within > 0) this.repeated += 1;
    if (!this.written.has(pathKey(path))) {
      const value = this.positionOf(node) ?? key ?? { line: 1, column: 1 };
      this.written.set(pathKey(path), { key, value });
    }
    if (this.repeated > mostRepeated || path.length > deepest) return this.tooMuch(path);
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (target === undefined) {
        return this.refuse(
          path,
          `the alias *${node.source} names no anchor before it`,
          `write &${node.source} where it stands for the first time`,
        );
      }
      this.within += 1;
      const tree = this.read(target, path, key);
      this.within -= 1;
      return tree;
    }
    if (node?.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node | null, [...path, index]));
    if (isMap(node)) return this.readMap(node.items as Pair<Node | null, Node | null>[], path);
    return isScalar(node) ? this.readScalar(node.value, node.source ?? '', path) : null;
  }

  private readMap(pairs: readonly Pair<Node | null, Node | null>[], path: Path): Tree {
    // Without a prototype, a key such as "constructor" or "__proto__" is a key and nothing else.
    const branch = Object.create(null) as Record<string, Tree>;
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? (pair.key.source ?? '') : null;
      const position = this.positionOf(pair.key);
      if (key === null) {
        this.remarks.push({
          path: [...path, '?'],
          message: 'a key must be plain text',
          hint: 'a list or a map cannot be a key',
          where: position ?? 'value',
        });
        continue;
      }
      const inner = [...path, key];
      if (Object.hasOwn(branch, key)) {
        const first = this.written.get(pathKey(inner));
        this.remarks.push({
          path: inner,
          message: `"${key}" is given twice`,
          hint:
            first?.key == null
              ? 'keep one of the two'
              : `it stands on line ${first.key.line} already: keep one of the two`,
          where: position ?? 'key',
        });
        continue;
      }
      branch[key] = this.read(pair.value, inner, position);
    }
    return branch;
  }

  private readScalar(value: unknown, source: string, path: Path): Tree {
    if (value === null) return null;
    const { text, unset } = substitute(source, this.env);
    for (const name of unset) {
      this.remarks.push({
        path,
        message: `the environment variable ${name} is not set`,
        hint: `set ${name}, or give a default: \${${name}:-…}`,
        where: 'value',
      });
    }
    const here = this.written.get(pathKey(path));
    if (text !== source && here !== undefined) {
      this.written.set(pathKey(path), { ...here, filled: { text, as: source } });
    }
    return text;
  }

  private refuse(path: Path, message: string, hint: string): null {
    this.remarks.push({ path, message, hint, where: 'value' });
    return null;
  }

  /** Said once: an alias within what it names would say it without end. */
  private tooMuch(path: Path): null {
    if (this.overflowed) return null;
    this.overflowed = true;
    return this.refuse(
      path,
      'is nested too deeply, or too large',
      'does an alias stand within what it names?',
    );
  }

  /** Null where nothing was written, as after `key:`. */
  private positionOf(node: Node | null): Position | null {
    if (node?.range == null) return null;
    const [start, end] = node.range;
    return start === end ? null : positionAt(this.lines, start);
  }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function syntaxProblem(message: string, { line, column }: Position): Problem {
  return {
    severity: 'error',
    path: '',
    line,
    column,
    message,
    hint: 'this must be right before the rest can be read',
  };
}

const plain = (message: string): string =>
  `not YAML: ${message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '')}`;

import type { Problem } from './config.ts';
import type { Path } from './yaml/tree.ts';

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

/** Which part of a path's place is meant, or a place of its own. */
export type Where = 'value' | 'key' | Position;

export const pathKey = (path: Path): string => JSON.stringify(path.map(String));

/** Gathers what is wrong, each at its place in the file. A place is told of once: the first thing said is the root of the rest. */
export class Report {
  private readonly written: ReadonlyMap<string, Written>;
  private readonly found = new Map<string, Problem>();

  constructor(written: ReadonlyMap<string, Written>) {
    this.written = written;
  }

  error(path: Path, message: string, hint: string, where: Where = 'value'): void {
    this.tell('error', path, message, hint, where);
  }

  warning(path: Path, message: string, hint: string, where: Where = 'value'): void {
    this.tell('warning', path, message, hint, where);
  }

  get failed(): boolean {
    return [...this.found.values()].some((problem) => problem.severity === 'error');
  }

  /** In the order of the file. */
  problems(): Problem[] {
    return [...this.found.values()].sort(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
  }

  private tell(severity: Problem['severity'], path: Path, message: string, hint: string, where: Where): void {
    const { line, column } = typeof where === 'string' ? this.position(path, where) : where;
    const key = `${line}:${column}:${pathKey(path)}`;
    if (this.found.has(key)) return;
    const shown = this.withoutSecrets(path, message);
    this.found.set(key, { severity, path: path.join('.'), line, column, message: shown, hint });
  }

  /** What comes from the environment may be a secret: it is named, not repeated. */
  private withoutSecrets(path: Path, message: string): string {
    const filled = this.written.get(pathKey(path))?.filled;
    return filled === undefined || filled.text === ''
      ? message
      : message.replaceAll(filled.text, () => filled.as);
  }

  /** Of what is not there, the place of the nearest thing around it. */
  private position(path: Path, part: 'value' | 'key'): Position {
    const here = this.written.get(pathKey(path));
    if (here !== undefined) return part === 'key' ? (here.key ?? here.value) : here.value;
    for (let length = path.length - 1; length > 0; length--) {
      const around = this.written.get(pathKey(path.slice(0, length)));
      if (around !== undefined) return around.key ?? around.value;
    }
    return { line: 1, column: 1 };
  }
}

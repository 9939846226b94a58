import { relative } from 'node:path';
import type { Problem } from './config.ts';
import type { Source } from './source.ts';
import type { Position, Written } from './yaml/places.ts';
import type { Path } from './yaml/tree.ts';

/** Which part of a path's place is meant, or a place of its own. */
export type Where = 'value' | 'key' | Position;

/**
 * Gathers what is wrong, each at its place in the file that it stands in. A place is told of once: the first thing
 * said is the root of the rest.
 */
export class Report {
  readonly sourceOf: (path: Path) => Source;
  private readonly found: Map<string, Problem>;

  constructor(sourceOf: (path: Path) => Source, found = new Map<string, Problem>()) {
    this.sourceOf = sourceOf;
    this.found = found;
  }

  /** The same report, of what stands in one file. */
  within(source: Source): Report {
    return new Report(() => source, this.found);
  }

  error(path: Path, message: string, hint: string, where: Where = 'value'): void {
    this.tell('error', path, message, hint, where);
  }

  warning(path: Path, message: string, hint: string, where: Where = 'value'): void {
    this.tell('warning', path, message, hint, where);
  }

  /** Where a key was written, as a hint in the file of `from` says it: `on line 3`, `in more.yaml on line 3`. */
  whereIs(path: Path, from: Source): string {
    const source = this.sourceOf(path);
    const { line } = positionIn(source, path, 'key');
    return source.file === from.file
      ? `on line ${line}`
      : `in ${relative(from.dir, source.file)} on line ${line}`;
  }

  get failed(): boolean {
    return [...this.found.values()].some((problem) => problem.severity === 'error');
  }

  /** In the order of `files`, and of each file. */
  problems(files: readonly string[]): Problem[] {
    const rank = new Map(files.map((file, index) => [file, index]));
    const of = ({ file }: Problem): number => rank.get(file) ?? files.length;
    return [...this.found.values()].sort(
      (a, b) => of(a) - of(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
  }

  private tell(severity: Problem['severity'], path: Path, message: string, hint: string, where: Where): void {
    const source = this.sourceOf(path);
    const { line, column } = typeof where === 'string' ? positionIn(source, path, where) : where;
    const key = JSON.stringify([source.file, line, column, ...path]);
    if (this.found.has(key)) return;
    const shown = withoutSecrets(source.find(path), message);
    const { file } = source;
    this.found.set(key, { severity, file, path: path.join('.'), line, column, message: shown, hint });
  }
}

/** What comes from the environment may be a secret: it is named, not repeated. */
function withoutSecrets(written: Written | undefined, message: string): string {
  const filled = written?.filled;
  return filled === undefined || filled.text === ''
    ? message
    : message.replaceAll(filled.text, () => filled.as);
}

/** Of what is not there, the place of the nearest thing around it. */
function positionIn({ find }: Source, path: Path, part: 'value' | 'key'): Position {
  const here = find(path);
  if (here !== undefined) return part === 'key' ? (here.key ?? here.value) : here.value;
  for (let length = path.length - 1; length > 0; length--) {
    const around = find(path.slice(0, length));
    if (around !== undefined) return around.key ?? around.value;
  }
  return { line: 1, column: 1 };
}

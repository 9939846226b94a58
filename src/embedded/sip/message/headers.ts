import { headerKey, headerSpelling } from './header-names.ts';
import { splitList } from './lists.ts';

export interface Header {
  /** Lower case, compact forms expanded. */
  readonly key: string;
  /** As it is written on the wire. */
  readonly name: string;
  readonly value: string;
  /** The line as it was received, where it is to be passed on like that. */
  readonly line?: string;
}

/** Headers in the order of the wire. Values hold no CR and no LF; that is what keeps one header from becoming two. */
export class Headers {
  readonly #lines: Header[];

  constructor(lines: Header[] = []) {
    this.#lines = lines;
  }

  get size(): number {
    return this.#lines.length;
  }

  [Symbol.iterator](): IterableIterator<Header> {
    return this.#lines[Symbol.iterator]();
  }

  /** The first header of this key (`call-id`, not `Call-ID`). */
  get(key: string): string | undefined {
    for (const line of this.#lines) if (line.key === key) return line.value;
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Every element of a list header such as Via or Route, over all its lines. */
  list(key: string): string[] {
    const elements: string[] = [];
    for (const line of this.#lines) if (line.key === key) elements.push(...splitList(line.value));
    return elements;
  }

  append(name: string, value: string): this {
    this.#lines.push(header(name, value));
    return this;
  }

  /** Takes a header line as it was received, its spelling kept. */
  adopt(line: Header): this {
    this.#lines.push(line);
    return this;
  }

  prepend(name: string, value: string): this {
    this.#lines.unshift(header(name, value));
    return this;
  }

  /** Replaces the first header of that name where it stands, or appends it. */
  set(name: string, value: string): this {
    const key = headerKey(name);
    const at = this.#lines.findIndex((line) => line.key === key);
    if (at < 0) return this.append(name, value);
    this.#lines[at] = header(name, value);
    return this;
  }

  remove(key: string): this {
    for (let i = this.#lines.length - 1; i >= 0; i--)
      if (this.#lines[i]?.key === key) this.#lines.splice(i, 1);
    return this;
  }

  toString(): string {
    let text = '';
    for (const { name, value, line } of this.#lines)
      text += line === undefined ? `${name}: ${value}\r\n` : `${line}\r\n`;
    return text;
  }
}

function header(name: string, value: string): Header {
  if (/[\r\n]/.test(name + value)) throw new Error(`header ${JSON.stringify(name)} holds a line break`);
  return { key: headerKey(name), name: headerSpelling(name), value };
}

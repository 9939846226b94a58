/** The headers of a message or an event, by name as FreeSWITCH writes it. */
export interface Fields {
  get(name: string): string | undefined;
  /** All of them, in their order. */
  all(): readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * `Name: value` lines, the values encoded as in URLs. A channel has some two hundred, of which five are asked for: each
 * is looked up in the text when it is, and decoded then. Where a name is there twice the first counts.
 */
export class FieldLines implements Fields {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(name: string): string | undefined {
    const start = this.#startOf(`${name}: `);
    if (start < 0) return undefined;
    const end = this.#text.indexOf('\n', start);
    return decoded(this.#text.slice(start, end < 0 ? undefined : end));
  }

  all(): Field[] {
    return this.#text.split('\n').flatMap((line) => {
      const colon = line.indexOf(': ');
      return colon < 1 ? [] : [{ name: line.slice(0, colon), value: decoded(line.slice(colon + 2)) }];
    });
  }

  #startOf(label: string): number {
    if (this.#text.startsWith(label)) return label.length;
    const at = this.#text.indexOf(`\n${label}`);
    return at < 0 ? -1 : at + 1 + label.length;
  }
}

/** The members of a `text/event-json`: some are lists, which FreeSWITCH writes as such there. */
export class FieldMembers implements Fields {
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(members: object) {
    this.#members = new Map(Object.entries(members));
  }

  get(name: string): string | undefined {
    return this.#members.has(name) ? textOf(this.#members.get(name)) : undefined;
  }

  all(): Field[] {
    return [...this.#members].map(([name, value]) => ({ name, value: textOf(value) }));
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is no encoding, as a `%` in a header that a far end sent, stays as it came. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

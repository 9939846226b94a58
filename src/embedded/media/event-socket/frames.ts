/** A command as it comes over an event socket: a line, headers, perhaps a body. */
export interface CommandFrame {
  readonly line: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
}

const greatestFrame = 1024 * 1024;

/** Cuts the bytes of a connection into commands: each ends with an empty line, and with its body where it has a Content-Length. */
export class FrameReader {
  readonly #onFrame: (frame: CommandFrame) => void;
  #held: Buffer = Buffer.alloc(0);
  #head: Omit<CommandFrame, 'body'> | undefined;

  constructor(onFrame: (frame: CommandFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** False where the peer sends more than any command has: the connection is not worth keeping. */
  push(data: Buffer): boolean {
    this.#held = this.#held.length === 0 ? data : Buffer.concat([this.#held, data]);
    while (this.#takeOne());
    return this.#held.length <= greatestFrame;
  }

  #takeOne(): boolean {
    if (this.#head === undefined) {
      const end = endOfHead(this.#held);
      if (end === undefined) return false;
      this.#head = parseHead(this.#held.toString('utf8', 0, end.at));
      this.#held = this.#held.subarray(end.after);
      // Empty lines between commands are no commands.
      if (this.#head.line === '') {
        this.#head = undefined;
        return true;
      }
    }
    const length = Number(this.#head.headers.get('content-length') ?? 0);
    if (length > this.#held.length) return false;
    const body = length > 0 ? this.#held.toString('utf8', 0, length) : undefined;
    this.#held = this.#held.subarray(length > 0 ? length : 0);
    const head = this.#head;
    this.#head = undefined;
    this.#onFrame({ ...head, body });
    return true;
  }
}

function endOfHead(data: Buffer): { at: number; after: number } | undefined {
  const unix = data.indexOf('\n\n');
  const internet = data.indexOf('\n\r\n');
  if (unix >= 0 && (internet < 0 || unix < internet)) return { at: unix, after: unix + 2 };
  return internet < 0 ? undefined : { at: internet, after: internet + 3 };
}

function parseHead(text: string): Omit<CommandFrame, 'body'> {
  const [line = '', ...rest] = text.replace(/^[\r\n]+/, '').split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const one of rest) {
    const colon = one.indexOf(':');
    if (colon > 0) headers.set(one.slice(0, colon).trim().toLowerCase(), one.slice(colon + 1).trim());
  }
  return { line: line.trim(), headers };
}

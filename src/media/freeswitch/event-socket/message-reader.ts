import { FieldLines, type Fields } from './fields.ts';

/** What a FreeSWITCH says at a time: a reply, a notice or an event. */
export interface Message {
  readonly head: Fields;
  /** Empty where it has none. */
  readonly body: string;
}

const nothing = Buffer.alloc(0);

/**
 * Cuts the bytes of an event socket into messages: a head of `Name: value` lines that ends with an empty one, and as many
 * bytes after it as its Content-Length says (FreeSWITCH documentation, mod_event_socket). A byte is looked at once, in
 * however many pieces they come.
 */
export class MessageReader {
  readonly #longest: number;
  /** Begins with what was not enough for a message yet. */
  #buffer: Buffer = nothing;
  #kept = 0;
  /** The message whose body is not whole yet. */
  #begun: { readonly head: Fields; readonly length: number } | undefined;
  #isBroken = false;

  /** `longest`: bytes, of a head or of a body. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** What came is too long, or has no length: nothing more is read. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Something came that is no whole message yet. */
  get isMidway(): boolean {
    return this.#kept > 0 || this.#begun !== undefined;
  }

  /** The messages that are whole with these bytes. */
  take(bytes: Buffer): readonly Message[] {
    if (this.#isBroken) return [];
    const messages: Message[] = [];
    // The first half of an empty line may be the last of what was kept.
    const unseen = Math.max(0, this.#kept - 1);
    const held = this.#kept === 0 ? bytes : this.#append(bytes);
    let at = 0;
    for (;;) {
      if (this.#begun === undefined) {
        const end = held.indexOf('\n\n', at === 0 ? unseen : at);
        if (end < 0) break;
        // A reply that ends with an empty line of its own is followed by one too many.
        if (end === at) {
          at += 2;
          continue;
        }
        const head = new FieldLines(held.toString('utf8', at, end));
        const length = lengthIn(head);
        if (!(length <= this.#longest)) return this.#broken(messages);
        this.#begun = { head, length };
        at = end + 2;
      }
      const { head, length } = this.#begun;
      if (held.length - at < length) break;
      messages.push({ head, body: held.toString('utf8', at, at + length) });
      this.#begun = undefined;
      at += length;
    }
    if (at > 0 || held === bytes) this.#keep(held.subarray(at));
    return this.#begun === undefined && this.#kept > this.#longest ? this.#broken(messages) : messages;
  }

  #append(bytes: Buffer): Buffer {
    const size = this.#kept + bytes.length;
    if (size > this.#buffer.length) {
      const wider = Buffer.allocUnsafe(Math.max(size, 2 * this.#buffer.length));
      this.#buffer.copy(wider, 0, 0, this.#kept);
      this.#buffer = wider;
    }
    bytes.copy(this.#buffer, this.#kept);
    this.#kept = size;
    return this.#buffer.subarray(0, size);
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) this.#buffer = nothing;
    else if (rest.length > this.#buffer.length) this.#buffer = Buffer.from(rest);
    else rest.copy(this.#buffer);
    this.#kept = rest.length;
  }

  #broken(messages: readonly Message[]): readonly Message[] {
    this.#isBroken = true;
    this.#keep(nothing);
    return messages;
  }
}

/** NaN where it is no length. */
function lengthIn(head: Fields): number {
  const said = head.get('Content-Length') ?? '0';
  return /^\d+$/.test(said) ? Number(said) : Number.NaN;
}

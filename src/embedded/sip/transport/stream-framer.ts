import { contentLength, headEnd, limits } from '../message/parse.ts';

/**
 * Cuts a TCP stream into messages by their Content-Length (RFC 3261 §18.3). A stream in which the end of a message
 * cannot be known is lost: `push` then yields `lost`, and the connection must be closed.
 */
export class StreamFramer {
  #buffer: Buffer = Buffer.alloc(0);

  /** The beginning of a message is held whose end has not come. */
  get hasBegun(): boolean {
    return this.#buffer.length > 0;
  }

  *push(chunk: Buffer): Generator<Buffer | 'keepalive' | 'lost'> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      if (this.#skipBlanks()) yield 'keepalive';
      const head = headEnd(this.#buffer, 0);
      if (head === null) {
        if (this.#buffer.length > limits.head) yield 'lost';
        return;
      }
      const length = declaredLength(this.#buffer.toString('latin1', 0, head.end));
      if (length === null || head.end > limits.head || length > limits.body) {
        yield 'lost';
        return;
      }
      const end = head.bodyStart + length;
      if (this.#buffer.length < end) return;
      const message = this.#buffer.subarray(0, end);
      this.#buffer = this.#buffer.subarray(end);
      yield message;
    }
  }

  /** True where a double CRLF, the ping of RFC 5626 §4.4.1, stood between messages. */
  #skipBlanks(): boolean {
    let at = 0;
    while (this.#buffer[at] === 13 || this.#buffer[at] === 10) at++;
    this.#buffer = this.#buffer.subarray(at);
    return at >= 4;
  }
}

/** Absent means no body: a sender that leaves it out on a stream has nothing to follow. */
function declaredLength(head: string): number | null {
  const match = /^(?:content-length|l)[ \t]*:(.*)$/im.exec(head);
  const length = contentLength(match?.[1]);
  return length === 'invalid' ? null : (length ?? 0);
}

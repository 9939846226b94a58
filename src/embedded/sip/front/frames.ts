/** The drachtio server's framing: `<byte length>#<payload>`, nothing between frames. */

/** A length of seven digits is no message but a stream out of step. */
const maxDigits = 6;
const hash = 35;

export function frame(line: string, sip?: Buffer): Buffer {
  const head = Buffer.from(line, 'latin1');
  const length = head.length + (sip?.length ?? 0);
  const prefix = Buffer.from(`${length}#`, 'latin1');
  return Buffer.concat(sip ? [prefix, head, sip] : [prefix, head]);
}

/** Cuts a stream into payloads, however its chunks fall; yields `lost` where no length can be read any more. */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Buffer | 'lost'> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const at = this.#buffer.indexOf(hash);
      const digits = this.#buffer.toString(
        'latin1',
        0,
        at < 0 ? Math.min(this.#buffer.length, maxDigits + 1) : at,
      );
      if (digits.length > maxDigits || !/^\d*$/.test(digits) || (at >= 0 && Number(digits) === 0)) {
        yield 'lost';
        return;
      }
      const end = at + 1 + Number(digits);
      if (at < 0 || this.#buffer.length < end) return;
      const payload = this.#buffer.subarray(at + 1, end);
      this.#buffer = this.#buffer.subarray(end);
      yield payload;
    }
  }
}

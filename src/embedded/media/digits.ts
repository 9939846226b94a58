import { frameMs, frameSamples } from './clock.ts';
import { timestampDistance, type RtpHeader } from './rtp-packet.ts';

/** RFC 4733 §3.2: the event codes 0 to 15, in order. */
const keys = '0123456789*#ABCD';

export interface Digit {
  readonly key: string;
  /** In samples: 8 a millisecond. */
  readonly duration: number;
  readonly source: 'RTP' | 'INFO' | 'APP';
}

export const defaultDuration = 2000;
const shortest = 400;
const longest = 8000;

/** One of 0-9, *, #, A-D, in upper case; undefined for what is no key. */
export function keyOf(text: string): string | undefined {
  const key = text.trim().toUpperCase();
  return key.length === 1 && keys.includes(key) ? key : undefined;
}

/** Turns RFC 4733 packets into digits: one for each event, however often its packets are repeated. */
export class DigitReceiver {
  readonly #onDigit: (digit: Digit) => void;
  #open: { ssrc: number; timestamp: number; key: string; duration: number; at: number } | undefined;
  #closed: { ssrc: number; timestamp: number } | undefined;

  constructor(onDigit: (digit: Digit) => void) {
    this.#onDigit = onDigit;
  }

  receive(header: RtpHeader, data: Buffer, index: number): void {
    if (header.end - header.start < 4) return;
    const key = keys[data.readUInt8(header.start)];
    if (key === undefined || this.#isOld(header)) return;
    const duration = data.readUInt16BE(header.start + 2);
    const ends = (data.readUInt8(header.start + 1) & 0x80) !== 0;
    const { ssrc, timestamp } = header;
    if (this.#open !== undefined && (this.#open.timestamp !== timestamp || this.#open.ssrc !== ssrc))
      this.#close();
    this.#open = { ssrc, timestamp, key, duration: Math.max(duration, this.#open?.duration ?? 0), at: index };
    if (ends) this.#close();
  }

  /** An event whose three end packets were all lost ends 100 ms after its last packet. */
  tick(index: number): void {
    if (this.#open !== undefined && (index - this.#open.at) * frameMs > 100) this.#close();
  }

  /** A late or repeated packet of an event that was already counted. */
  #isOld(header: RtpHeader): boolean {
    const closed = this.#closed;
    if (closed?.ssrc !== header.ssrc) return false;
    const ahead = timestampDistance(closed.timestamp, header.timestamp);
    return ahead <= 0 && ahead > -longest * 10;
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#closed = open;
    this.#onDigit({ key: open.key, duration: open.duration, source: 'RTP' });
  }
}

/** Some far ends send each key twice, by RFC 4733 and by INFO: the second of such a pair is not a second digit. */
export class DigitTwins {
  readonly #withinFrames = 1000 / frameMs;
  #unmatched: { key: string; source: Digit['source']; index: number }[] = [];

  isTwin(digit: Digit, index: number): boolean {
    this.#unmatched = this.#unmatched.filter((one) => index - one.index <= this.#withinFrames);
    const twin = this.#unmatched.findIndex((one) => one.key === digit.key && one.source !== digit.source);
    if (twin >= 0) this.#unmatched.splice(twin, 1);
    else this.#unmatched.push({ key: digit.key, source: digit.source, index });
    return twin >= 0;
  }
}

/** One packet of an event: what the RTP session must send in this frame. */
interface EventPacket {
  readonly payload: Uint8Array;
  readonly first: boolean;
  /** The event is over: its length in samples, by which the timeline goes on. */
  readonly over: boolean;
  readonly duration: number;
}

/** Sends queued digits, a packet a frame: the duration grows, the end is sent three times, two frames part the digits. */
export class DigitSender {
  readonly #queue: Digit[] = [];
  readonly #payload = new Uint8Array(4);
  #sent = 0;
  #ends = 0;
  #pause = 0;

  get busy(): boolean {
    return this.#queue.length > 0;
  }

  queue(digit: Digit): void {
    this.#queue.push(digit);
  }

  clear(): void {
    this.#queue.length = 0;
    this.#sent = this.#ends = this.#pause = 0;
  }

  /** The packet for this frame; undefined where there is none and audio may go out. */
  next(): EventPacket | undefined {
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const digit = this.#queue[0];
    if (digit === undefined) return undefined;
    const target = Math.min(longest, Math.max(shortest, digit.duration));
    const first = this.#sent === 0;
    const ending = this.#sent >= target;
    if (!ending) this.#sent += frameSamples;
    else this.#ends++;
    const over = this.#ends === 3;
    const duration = this.#sent;
    this.#payload.set([keys.indexOf(digit.key), (ending ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
    if (over) {
      this.#queue.shift();
      this.#sent = this.#ends = 0;
      this.#pause = 2;
    }
    return { payload: this.#payload, first, over, duration };
  }
}

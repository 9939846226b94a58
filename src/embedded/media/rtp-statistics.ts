import { seqDistance, type RtpHeader } from './rtp-packet.ts';

const samplesPerMs = 8;

/** What one leg sent and received: counts, loss (RFC 3550 A.3) and interarrival jitter (RFC 3550 A.8). */
export class RtpStatistics {
  received = 0;
  receivedOctets = 0;
  receivedMedia = 0;
  receivedMediaOctets = 0;
  receivedDigits = 0;
  /** Frames of our clock in which nothing came. */
  skipped = 0;
  /** From other sources than the one that was learned, or no RTP at all. */
  dropped = 0;
  sent = 0;
  sentOctets = 0;
  sentDigits = 0;
  jitterMs = 0;
  greatestJitterMs = 0;

  #ssrc: number | undefined;
  #seqs = 0;
  #expectedBefore = 0;
  #firstExtended = 0;
  #lastExtended = 0;
  #lastTransit = 0;

  get lost(): number {
    return Math.max(0, this.#expectedBefore + this.#expectedNow() - this.#seqs);
  }

  receive(header: RtpHeader, atMs: number, isAudio: boolean): void {
    const octets = header.end - header.start;
    this.received++;
    this.receivedOctets += octets;
    this.#seqs++;
    const transit = atMs * samplesPerMs - header.timestamp;
    if (header.ssrc !== this.#ssrc) {
      this.#expectedBefore += this.#ssrc === undefined ? 0 : this.#expectedNow();
      this.#ssrc = header.ssrc;
      this.#firstExtended = this.#lastExtended = header.seq;
    } else {
      const ahead = seqDistance(this.#lastExtended & 0xffff, header.seq);
      if (ahead > 0) this.#lastExtended += ahead;
      // The timestamp of an event stands still while its packets go on: it says nothing about transit.
      if (isAudio) this.#measureJitter(Math.abs(transit - this.#lastTransit));
    }
    if (isAudio) {
      this.receivedMedia++;
      this.receivedMediaOctets += octets;
      this.#lastTransit = transit;
    } else this.receivedDigits++;
  }

  #expectedNow(): number {
    return this.#ssrc === undefined ? 0 : this.#lastExtended - this.#firstExtended + 1;
  }

  #measureJitter(deviation: number): void {
    // A jump of more than a second is a new timeline (or the 32-bit turn), not jitter.
    if (deviation > 1000 * samplesPerMs) return;
    this.jitterMs += (deviation / samplesPerMs - this.jitterMs) / 16;
    this.greatestJitterMs = Math.max(this.greatestJitterMs, this.jitterMs);
  }
}

import type { RemoteInfo, Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import { frameSamples } from './clock.ts';
import { DigitReceiver, DigitSender, type Digit } from './digits.ts';
import type { Law } from './g711.ts';
import {
  headerOctets,
  readHeader,
  seqDistance,
  timestampDistance,
  writeHeader,
  type RtpHeader,
} from './rtp-packet.ts';
import { RtpStatistics } from './rtp-statistics.ts';
import { staticLaw, type Address, type MediaTerms } from './sdp.ts';

export interface RtpListener {
  /** `payload` is only valid during the call. */
  onAudio(law: Law, payload: Uint8Array, header: RtpHeader): void;
  onDigit(digit: Digit): void;
  /** A packet went out; `payload` is only valid during the call. */
  onSent(payload: Uint8Array): void;
  /** What was done with a packet threw: a bug of ours, never the far end's doing. */
  onDefect(error: unknown): void;
}

/** Packets in flight at once: a socket that is busy must not see its packet overwritten. */
const packetRing = 8;
const greatestPayload = 1440;
/** Greater jumps in a relayed stream are a new stream. */
const greatestRelayedGap = 50;

/** One leg's RTP: what comes in on one UDP port, and the one stream that goes out from it. */
export class RtpSession {
  readonly port: number;
  readonly ssrc = Math.floor(Math.random() * 0x1_0000_0000);
  readonly statistics = new RtpStatistics();
  readonly digitsOut = new DigitSender();

  readonly #socket: Socket;
  readonly #host: string;
  readonly #listener: RtpListener;
  readonly #digitsIn: DigitReceiver;
  readonly #header: RtpHeader = {
    payloadType: 0,
    marker: false,
    seq: 0,
    timestamp: 0,
    ssrc: 0,
    start: 0,
    end: 0,
  };
  readonly #ring = Array.from({ length: packetRing }, () => Buffer.alloc(headerOctets + greatestPayload));
  readonly #timestampBase = Math.floor(Math.random() * 0x1_0000_0000);
  #turn = 0;
  #terms: MediaTerms | undefined;
  #learned: Address | undefined;
  #seq = Math.floor(Math.random() * 0x1_0000);
  #timestamp = this.#timestampBase;
  #sentAt = -2;
  #eventStart = 0;
  #relay:
    { ssrc: number; fromSeq: number; fromTimestamp: number; seq: number; timestamp: number } | undefined;
  #index = 0;
  #heardAt = 0;
  #heardThisFrame = false;
  #closed = false;

  constructor(socket: Socket, listener: RtpListener) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.#host = address;
    this.port = port;
    this.#listener = listener;
    this.#digitsIn = new DigitReceiver((digit) => listener.onDigit(digit));
    socket.on('message', (data, from) => {
      try {
        this.#receive(data, from);
      } catch (error) {
        listener.onDefect(error);
      }
    });
    // ICMP errors of a far end that is not there yet, or no more: the RTP time-out is what judges.
    socket.on('error', () => undefined);
  }

  /** Takes over what offer and answer agreed; a changed address is learned anew. */
  agree(terms: MediaTerms, index: number): void {
    const before = this.#terms?.remote;
    if (before?.host !== terms.remote?.host || before?.port !== terms.remote?.port) this.#learned = undefined;
    this.#terms = terms;
    this.#heardAt = index;
    // A packet may come before the first frame.
    this.#index = Math.max(this.#index, index);
  }

  get law(): Law | undefined {
    return this.#terms?.law;
  }

  get terms(): MediaTerms | undefined {
    return this.#terms;
  }

  /** Frames since a packet was heard, or since something new was agreed. */
  silentFor(index: number): number {
    return index - this.#heardAt;
  }

  /** Frames since a packet was sent. */
  idleFor(index: number): number {
    return index - this.#sentAt;
  }

  get mayReceive(): boolean {
    return (
      this.#terms !== undefined &&
      (this.#terms.direction === 'sendrecv' || this.#terms.direction === 'recvonly')
    );
  }

  /** Once a frame, before what is to be sent in it. */
  tick(index: number): void {
    this.#index = index;
    this.#digitsIn.tick(index);
    if (!this.#heardThisFrame && this.mayReceive) this.statistics.skipped++;
    this.#heardThisFrame = false;
  }

  /** Sends one frame of our own; its timestamp is the clock's, so that a pause in sending is a pause in time. */
  sendFrame(payload: Uint8Array): void {
    if (this.#terms === undefined) return;
    const resumes = this.#index > this.#sentAt + 1;
    this.#advanceTimestamp();
    this.#send(this.#terms.payloadType, resumes, payload, ++this.#seq, this.#timestamp);
  }

  /** Sends the event packet due in this frame; false where no digit is being sent. */
  sendDigit(): boolean {
    const type = this.#terms?.dtmfPayloadType;
    if (type === undefined) {
      this.digitsOut.clear();
      return false;
    }
    const packet = this.digitsOut.next();
    if (packet === undefined) return false;
    if (packet.first) {
      this.#advanceTimestamp();
      this.#eventStart = this.#timestamp;
    }
    // RFC 4733 §2.5.1.2: all packets of an event bear the timestamp of its beginning.
    this.statistics.sentDigits++;
    this.#send(type, packet.first, packet.payload, ++this.#seq, this.#eventStart);
    if (packet.over) this.#timestamp = this.#eventStart + packet.duration;
    return true;
  }

  /**
   * Passes on a packet of another leg as it comes. Within one stream its gaps and its order are kept, in sequence numbers as in timestamps,
   * so that the far end sees what was lost; after anything else was sent, the stream is fitted on anew.
   */
  relay(payload: Uint8Array, from: RtpHeader): void {
    if (this.#terms === undefined) return;
    const last = this.#relay;
    const ahead = last === undefined ? 0 : seqDistance(last.fromSeq, from.seq);
    const continues =
      last?.ssrc === from.ssrc &&
      last.seq === this.#seq &&
      Math.abs(ahead) <= greatestRelayedGap &&
      ahead !== 0;
    if (continues && ahead < 0) {
      const late = last.timestamp + timestampDistance(last.fromTimestamp, from.timestamp);
      this.#send(this.#terms.payloadType, false, payload, last.seq + ahead, late);
      return;
    }
    if (continues) {
      this.#seq += ahead;
      this.#timestamp = last.timestamp + timestampDistance(last.fromTimestamp, from.timestamp);
    } else {
      if (last?.ssrc === from.ssrc && ahead === 0 && last.seq === this.#seq) return;
      this.#seq++;
      this.#advanceTimestamp();
    }
    this.#send(this.#terms.payloadType, from.marker || !continues, payload, this.#seq, this.#timestamp);
    this.#seq &= 0xffff;
    this.#relay = {
      ssrc: from.ssrc,
      fromSeq: from.seq,
      fromTimestamp: from.timestamp,
      seq: this.#seq,
      timestamp: this.#timestamp,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  /** The clock's time where it is ahead; else one frame on, which keeps a stream in order that ran ahead of our clock. */
  #advanceTimestamp(): void {
    const byClock = this.#timestampBase + this.#index * frameSamples;
    const next = this.#timestamp + frameSamples;
    this.#timestamp = timestampDistance(next, byClock) > 0 ? byClock : next;
  }

  #send(payloadType: number, marker: boolean, payload: Uint8Array, seq: number, timestamp: number): void {
    const to = this.#destination();
    this.#seq &= 0xffff;
    this.#sentAt = this.#index;
    if (this.#closed || to === undefined || payload.length > greatestPayload) return;
    const packet = this.#ring[this.#turn++ % packetRing];
    if (packet === undefined) return;
    writeHeader(packet, payloadType, marker, seq & 0xffff, timestamp >>> 0, this.ssrc);
    packet.set(payload, headerOctets);
    this.#socket.send(packet, 0, headerOctets + payload.length, to.port, to.host);
    this.statistics.sent++;
    this.statistics.sentOctets += payload.length;
    if (payloadType === this.#terms?.payloadType) this.#listener.onSent(payload);
  }

  /** Where packets go: the source learned from the far end's own, until then what its SDP says. */
  #destination(): Address | undefined {
    const terms = this.#terms;
    if (terms === undefined || terms.direction === 'recvonly' || terms.direction === 'inactive')
      return undefined;
    return terms.remote === undefined ? undefined : (this.#learned ?? terms.remote);
  }

  #receive(data: Buffer, from: RemoteInfo): void {
    const header = this.#header;
    const terms = this.#terms;
    if (terms === undefined || !readHeader(data, header) || !this.#isFrom(from)) {
      this.statistics.dropped++;
      return;
    }
    const isDigit = header.payloadType === terms.dtmfPayloadType;
    const law = isDigit ? undefined : this.#lawOf(header.payloadType, terms);
    if (!isDigit && law === undefined) {
      this.statistics.dropped++;
      return;
    }
    this.#learned ??= { host: from.address, port: from.port };
    this.#heardAt = this.#index;
    this.#heardThisFrame = true;
    this.statistics.receive(header, performance.now(), law !== undefined);
    if (law === undefined) this.#digitsIn.receive(header, data, this.#index);
    else if (this.mayReceive) this.#listener.onAudio(law, data.subarray(header.start, header.end), header);
  }

  /**
   * Symmetric RTP, learned once: after the first packet, other sources are not heard. Our own port is nobody's source,
   * and what says that it came from port 0 could not be answered.
   */
  #isFrom(from: RemoteInfo): boolean {
    if (from.port === 0 || (from.port === this.port && from.address === this.#host)) return false;
    return (
      this.#learned === undefined || (from.port === this.#learned.port && from.address === this.#learned.host)
    );
  }

  /** A far end may switch between the static types without asking (RFC 3551): both are heard as what they are. */
  #lawOf(payloadType: number, terms: MediaTerms): Law | undefined {
    if (payloadType === terms.payloadType) return terms.law;
    return staticLaw(payloadType);
  }
}

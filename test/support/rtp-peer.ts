import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { decode, encode, silenceOctet, type Law } from '../../src/embedded/media/g711.ts';
import { loudness, toneLevel } from './tone.ts';

export interface RtpPeerOptions {
  host?: string;
  /** 0, the default, for any free port. */
  port?: number;
  /** What it sends and offers; it decodes both laws. */
  codec?: Law;
  /** Payload type of RFC 4733 events, sent and expected: 101 unless given; `false` offers none. */
  dtmfPayloadType?: number | false;
}

export interface ReceivedPacket {
  /** performance.now() on arrival, in ms. */
  readonly at: number;
  readonly from: { host: string; port: number };
  readonly payloadType: number;
  readonly marker: boolean;
  readonly seq: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export interface ReceivedDigit {
  readonly digit: string;
  readonly payloadType: number;
  readonly timestamp: number;
  /** Of the last packet seen of this digit, in timestamp units (8 a millisecond). */
  duration: number;
  packets: number;
  endPackets: number;
}

const digitNames = '0123456789*#ABCD';
const frame = 160;
const payloadTypes = { PCMU: 0, PCMA: 8 } as const;

/** A far end of plain RTP: sends PCM and digits at 20 ms, and keeps what it hears. */
export class RtpPeer {
  readonly host: string;
  readonly port: number;
  readonly codec: Law;
  readonly dtmfPayloadType: number | false;
  readonly packets: ReceivedPacket[] = [];
  /** Digits heard by RFC 4733, one entry an event, however often its packets were repeated. */
  readonly digitEvents: ReceivedDigit[] = [];
  readonly ssrc = Math.floor(Math.random() * 0xffff_ffff);
  remote: { host: string; port: number } | undefined;
  /** Packets that it sent. */
  sent = 0;

  readonly #socket: Socket;
  readonly #watchers = new Set<() => void>();
  #seq = Math.floor(Math.random() * 0xffff);
  #timestamp = Math.floor(Math.random() * 0xffff_ffff);
  #marker = true;
  #closed = false;

  private constructor(socket: Socket, options: RtpPeerOptions) {
    this.#socket = socket;
    this.host = socket.address().address;
    this.port = socket.address().port;
    this.codec = options.codec ?? 'PCMU';
    this.dtmfPayloadType = options.dtmfPayloadType ?? 101;
    socket.on('message', (data, from) => this.#receive(data, from));
  }

  static async open(options: RtpPeerOptions = {}): Promise<RtpPeer> {
    const socket = createSocket('udp4');
    socket.bind(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(socket, 'listening');
    return new RtpPeer(socket, options);
  }

  /** An SDP body of this peer: an offer, or an answer to an offer of the same codec. */
  sdp(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' = 'sendrecv', version = 1): string {
    const type = payloadTypes[this.codec];
    const dtmf = this.dtmfPayloadType;
    return [
      'v=0',
      `o=peer ${this.ssrc} ${version} IN IP4 ${this.host}`,
      's=-',
      `c=IN IP4 ${this.host}`,
      't=0 0',
      `m=audio ${this.port} RTP/AVP ${type}${dtmf === false ? '' : ` ${dtmf}`}`,
      `a=rtpmap:${type} ${this.codec}/8000`,
      ...(dtmf === false ? [] : [`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`]),
      'a=ptime:20',
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  /** Sends from now on to the address in an SDP body. */
  follow(sdp: string): void {
    const host = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
    const port = /^m=audio (\d+)/m.exec(sdp)?.[1];
    if (host === undefined || port === undefined) throw new Error(`no audio address in ${sdp}`);
    this.remote = { host, port: Number(port) };
  }

  /** Sends the samples at 20 ms a packet; resolves when the last has been sent, early when `signal` aborts. */
  async say(pcm: Int16Array, signal?: AbortSignal): Promise<void> {
    const octets = new Uint8Array(Math.ceil(pcm.length / frame) * frame).fill(silenceOctet[this.codec]);
    encode(this.codec, pcm, octets);
    await this.#paced(octets.length / frame, signal, (n) => {
      this.sendPacket(
        payloadTypes[this.codec],
        octets.subarray(n * frame, (n + 1) * frame),
        this.#marker,
        this.#timestamp,
      );
      this.#marker = false;
      this.#timestamp += frame;
    });
  }

  /** Sends the samples over and over until the returned function is called or the peer is closed. */
  sayAlways(pcm: Int16Array): () => void {
    const stop = new AbortController();
    void (async () => {
      while (!stop.signal.aborted && !this.#closed) await this.say(pcm, stop.signal);
    })();
    return () => stop.abort();
  }

  /** Presses keys by RFC 4733: packets of growing duration, the end sent three times, a pause of `gapMs` after each key. */
  async press(keys: string, { ms = 100, gapMs = 60 } = {}): Promise<void> {
    const type = this.dtmfPayloadType;
    if (type === false) throw new Error('this peer offered no telephone-event');
    for (const key of keys) {
      const start = this.#timestamp;
      const steps = Math.max(1, Math.round(ms / 20));
      await this.#paced(steps, undefined, (n) => {
        this.sendPacket(type, event(key, false, (n + 1) * frame), n === 0, start);
      });
      for (let n = 0; n < 3; n++) this.sendPacket(type, event(key, true, (steps + 1) * frame), false, start);
      this.#timestamp += (steps + 1) * frame;
      this.#marker = true;
      await this.#paced(Math.round(gapMs / 20), undefined, () => {
        this.#timestamp += frame;
      });
    }
  }

  sendPacket(payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number): void {
    if (this.remote === undefined || this.#closed) return;
    const packet = Buffer.alloc(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = payloadType | (marker ? 0x80 : 0);
    this.#seq = (this.#seq + 1) & 0xffff;
    packet.writeUInt16BE(this.#seq, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    packet.set(payload, 12);
    this.#socket.send(packet, this.remote.port, this.remote.host);
    this.sent++;
  }

  /** Leaves out so many sequence numbers, as if their packets were lost. */
  skip(packets: number): void {
    this.#seq = (this.#seq + packets) & 0xffff;
  }

  /** The digits heard so far, in order. */
  get digits(): string {
    return this.digitEvents.map((event) => event.digit).join('');
  }

  /** What was heard, decoded, in order of arrival; `fromPacket` leaves out what came before that index of `packets`. */
  pcm(fromPacket = 0): Int16Array {
    const audio = this.packets.slice(fromPacket).filter(isAudio);
    const all = new Int16Array(audio.reduce((sum, packet) => sum + packet.payload.length, 0));
    let at = 0;
    for (const packet of audio) {
      decode(packet.payloadType === 0 ? 'PCMU' : 'PCMA', packet.payload, all.subarray(at));
      at += packet.payload.length;
    }
    return all;
  }

  /**
   * Resolves when, from now on, each of `freq` has held at least `share` (0.4) of the power of every packet for `forMs` without a break.
   * Rejects after `withinMs`, saying what was heard.
   */
  async heard(what: {
    freq: number | readonly number[];
    forMs?: number;
    withinMs?: number;
    share?: number;
  }): Promise<void> {
    const freqs = typeof what.freq === 'number' ? [what.freq] : what.freq;
    const share = what.share ?? 0.8 / freqs.length;
    await this.#run(
      (pcm) => freqs.every((freq) => toneLevel(pcm, freq) >= share),
      what.forMs ?? 200,
      what.withinMs,
      `${freqs.join('+')} Hz`,
    );
  }

  /** Resolves when, from now on, every packet heard for `forMs` was silent. Packets must come: no packets is not silence. */
  async heardSilence({ forMs = 200, withinMs = 5000 } = {}): Promise<void> {
    await this.#run((pcm) => loudness(pcm) < 60, forMs, withinMs, 'silence');
  }

  /** Resolves when the digits heard since the peer was opened contain `digits`. */
  async heardDigits(digits: string, withinMs = 5000): Promise<void> {
    await this.until(
      () => this.digits.includes(digits),
      withinMs,
      () => `digits ${digits}; heard ${JSON.stringify(this.digits)}`,
    );
  }

  /** Resolves when `test`, tried now and at each packet that arrives, holds. */
  async until(
    test: () => boolean,
    withinMs = 5000,
    what: () => string = () => 'the expected packets',
  ): Promise<void> {
    if (test()) return;
    await new Promise<void>((resolve, reject) => {
      const watcher = () => {
        if (!test()) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(
          new Error(
            `RTP peer ${this.port}: not heard within ${withinMs} ms: ${what()} (${this.packets.length} packets)`,
          ),
        );
      }, withinMs);
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      this.#watchers.add(watcher);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  async #run(
    matches: (pcm: Int16Array) => boolean,
    forMs: number,
    withinMs = 5000,
    name: string,
  ): Promise<void> {
    let [next, run, longest] = [this.packets.length, 0, 0];
    await this.until(
      () => {
        for (; next < this.packets.length; next++) {
          const packet = this.packets[next]!;
          if (!isAudio(packet)) continue;
          run = matches(this.pcmOf(packet)) ? run + packet.payload.length / 8 : 0;
          longest = Math.max(longest, run);
          if (run >= forMs) return true;
        }
        return false;
      },
      withinMs,
      () => `${name} for ${forMs} ms; longest run ${longest} ms`,
    );
  }

  pcmOf(packet: ReceivedPacket): Int16Array {
    const pcm = new Int16Array(packet.payload.length);
    decode(packet.payloadType === 0 ? 'PCMU' : 'PCMA', packet.payload, pcm);
    return pcm;
  }

  #receive(data: Buffer, from: RemoteInfo): void {
    if (data.length < 12) return;
    const packet: ReceivedPacket = {
      at: performance.now(),
      from: { host: from.address, port: from.port },
      payloadType: data[1]! & 0x7f,
      marker: (data[1]! & 0x80) !== 0,
      seq: data.readUInt16BE(2),
      timestamp: data.readUInt32BE(4),
      ssrc: data.readUInt32BE(8),
      payload: Uint8Array.from(data.subarray(12)),
    };
    this.packets.push(packet);
    if (packet.payloadType === this.dtmfPayloadType) this.#receiveEvent(packet);
    for (const watcher of [...this.#watchers]) watcher();
  }

  #receiveEvent(packet: ReceivedPacket): void {
    const digit = digitNames[packet.payload[0]!];
    if (digit === undefined) return;
    let event = this.digitEvents.findLast((one) => one.timestamp === packet.timestamp && one.digit === digit);
    if (event === undefined) {
      event = {
        digit,
        payloadType: packet.payloadType,
        timestamp: packet.timestamp,
        duration: 0,
        packets: 0,
        endPackets: 0,
      };
      this.digitEvents.push(event);
    }
    event.duration = packet.payload[2]! * 256 + packet.payload[3]!;
    event.packets++;
    if (packet.payload[1]! & 0x80) event.endPackets++;
  }

  /** Runs `step` n times, each at its own deadline, so that late timers do not add up. */
  async #paced(n: number, signal: AbortSignal | undefined, step: (n: number) => void): Promise<void> {
    const start = performance.now();
    for (let i = 0; i < n; i++) {
      if (this.#closed || signal?.aborted === true) return;
      step(i);
      const wait = start + (i + 1) * 20 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

function isAudio(packet: ReceivedPacket): boolean {
  return packet.payloadType === 0 || packet.payloadType === 8;
}

function event(key: string, end: boolean, duration: number): Uint8Array {
  const code = digitNames.indexOf(key.toUpperCase());
  if (code < 0) throw new Error(`no such key: ${key}`);
  return Uint8Array.of(code, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff);
}

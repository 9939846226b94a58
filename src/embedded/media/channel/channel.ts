import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { nothing } from './application.ts';
import { frameMs, frameSamples, type FrameMember } from '../clock.ts';
import { DigitTwins, type Digit } from '../digits.ts';
import { silenceOctet, transcode, type Law } from '../g711.ts';
import type { SessionRecorder } from '../recording/session-recorder.ts';
import type { RtpHeader } from '../rtp-packet.ts';
import { RtpSession, type RtpListener } from '../rtp-session.ts';
import type { MediaTerms } from '../sdp.ts';
import { ApplicationStack, responseVariable, told } from './application-stack.ts';
import { writeChannel, writeVariables } from './channel-headers.ts';
import { setMediaStatistics } from './media-statistics.ts';
import { rtpTimeout } from './rtp-timeout.ts';
import type { Surroundings } from './surroundings.ts';
import type { Stop, Turn } from './turn.ts';

/** Q.850 and FreeSWITCH's own causes of an end. */
export type HangupCause = string;

/** What a channel needs of its SIP side. */
export interface Signalling {
  /** The channel has ended by our doing or the far end's: say BYE, unless the far end has. */
  end(cause: HangupCause): void;
  /** Tells the far end of a digit by INFO: it knows no RFC 4733. */
  press(digit: Digit): void;
}

/** What the channel does beneath its applications: `socket` and `park` are waiting, `uuid_bridge` is being bridged. */
interface Base {
  readonly name: 'socket' | 'park' | 'uuid_bridge';
  readonly data: string;
  readonly uuid: string | undefined;
}

const longestRelayPause = 10;
const rtpCheckFrames = 500 / frameMs;

/** One call leg in the media server: its RTP, its variables, what is being executed on it, and whom it is bridged to. */
export class Channel implements FrameMember, RtpListener {
  readonly uuid = randomUUID();
  readonly number: number;
  readonly name: string;
  readonly networkAddress: string;
  readonly variables = new Map<string, string>();
  readonly rtp: RtpSession;
  readonly stack: ApplicationStack;
  readonly recorders = new Map<string, SessionRecorder>();
  readonly stamps: { created: number; answered?: number; bridged?: number; hungUp?: number } = {
    created: Date.now(),
  };
  /** The far end is not heard: neither by the bridged leg nor by recordings. */
  muted = false;
  /** The far end hears nothing of us. */
  deafened = false;
  callState: 'RINGING' | 'ACTIVE' | 'HANGUP' = 'RINGING';
  hangupCause: HangupCause | undefined;
  peer: Channel | undefined;
  base: Base;
  /** Resolves when everything that the channel held is released. */
  readonly ended: Promise<void>;

  readonly #around: Surroundings;
  readonly #signalling: Signalling;
  readonly #twins = new DigitTwins();
  readonly #frame = new Uint8Array(frameSamples);
  readonly #relayed = new Uint8Array(1500);
  readonly #onEnd: (() => void)[] = [];
  #ending: (() => void) | undefined;
  /** How long it may hear nothing. */
  #silenceMs = Infinity;

  constructor(
    around: Surroundings,
    signalling: Signalling,
    socket: Socket,
    from: { uri: string; host: string },
    esl: string,
  ) {
    this.#around = around;
    this.#signalling = signalling;
    this.name = `sofia/drachtio_mrf/${from.uri}`;
    this.networkAddress = from.host;
    this.base = { name: 'socket', data: `${esl} async full`, uuid: randomUUID() };
    this.rtp = new RtpSession(socket, this);
    this.stack = new ApplicationStack(this);
    this.number = around.channels.add(this);
    this.ended = new Promise((resolve) => {
      this.#ending = resolve;
    });
  }

  get law(): Law {
    return this.rtp.law ?? 'PCMU';
  }

  get frame(): number {
    return this.#around.clock.index;
  }

  get state(): 'CS_EXECUTE' | 'CS_SOFT_EXECUTE' | 'CS_HANGUP' {
    if (this.callState === 'HANGUP') return 'CS_HANGUP';
    return this.base.name === 'uuid_bridge' ? 'CS_SOFT_EXECUTE' : 'CS_EXECUTE';
  }

  get around(): Surroundings {
    return this.#around;
  }

  /** Offer and answer have agreed, for the first time or anew. */
  agree(terms: MediaTerms): void {
    if (this.hangupCause !== undefined) return;
    this.rtp.agree(terms, this.frame);
    this.#silenceMs = rtpTimeout(this.variables, this.rtp.mayReceive, this.#around.rtpTimeoutMs);
    if (this.stamps.answered !== undefined) return;
    this.stamps.answered = Date.now();
    this.callState = 'ACTIVE';
    this.#around.clock.add(this);
    this.publish('CHANNEL_ANSWER');
  }

  /** Calls `then` once the channel has ended and its last event is told. */
  onEnd(then: () => void): void {
    this.#onEnd.push(then);
  }

  /** Ends the channel. The first cause stands. */
  hangup(cause: HangupCause): void {
    if (this.hangupCause !== undefined) return;
    this.hangupCause = cause;
    this.stamps.hungUp = Date.now();
    // Not in the same turn of the loop: an application that hangs up is told complete before those beneath it.
    queueMicrotask(() => {
      this.#end(cause)
        .catch((error: unknown) => this.#around.defect(error))
        .finally(() => this.#ending?.());
    });
  }

  /** Ends what runs and puts the channel on another base; the old one is told complete, a bridge is left. */
  async rebase(base: Base, why: Stop = 'transfer'): Promise<void> {
    await this.stack.stopAll(why);
    if (this.hangupCause !== undefined) return;
    this.#leaveBase();
    this.base = base;
  }

  publish(name: string, extra: Record<string, string> = {}, withVariables = true): void {
    const { events, identity } = this.#around;
    const headers = () => {
      const all = writeChannel(identity.headers(name), this);
      return Object.assign(withVariables ? writeVariables(all, this) : all, extra);
    };
    events.publish({ name }, headers, { about: this.uuid });
  }

  setVariable(name: string, value: string | undefined): void {
    if (value === undefined || value === '') this.variables.delete(name);
    else this.variables.set(name, value);
  }

  tick(index: number): void {
    this.rtp.tick(index);
    for (const recorder of this.recorders.values()) recorder.tick();
    const turn = this.stack.floor;
    const plays = turn?.tick(index, this.#frame) === true;
    if (!this.rtp.sendDigit()) this.#sendAudio(index, turn, plays);
    if (index % rtpCheckFrames !== 0) return;
    const silentMs = this.rtp.silentFor(index) * frameMs;
    if (silentMs > this.#silenceMs) this.#rtpTimedOut(silentMs);
  }

  onAudio(law: Law, payload: Uint8Array, header: RtpHeader): void {
    if (payload.length > this.#relayed.length) return;
    const muted = this.muted ? this.#relayed.subarray(0, payload.length).fill(silenceOctet[law]) : undefined;
    const heard = muted ?? payload;
    for (const recorder of this.recorders.values()) recorder.heard(law, heard);
    const turn = this.stack.floor;
    turn?.hear?.(law, heard);
    const { peer } = this;
    // While an application runs on either leg, the two do not hear each other.
    if (peer === undefined || turn !== undefined || peer.stack.floor !== undefined || peer.deafened) return;
    // RFC 4733 §2.5.1.2: an event takes the place of the audio.
    if (peer.rtp.digitsOut.busy) return;
    const octets = this.#relayed.subarray(0, payload.length);
    if (law !== peer.law || muted === undefined) transcode(law, peer.law, heard, octets);
    peer.rtp.relay(octets, header);
  }

  onDigit(digit: Digit): void {
    if (this.hangupCause !== undefined || this.#twins.isTwin(digit, this.frame)) return;
    const source = digit.source === 'INFO' ? 'ENDPOINT' : digit.source;
    const digitHeaders = {
      'DTMF-Digit': digit.key,
      'DTMF-Duration': String(digit.duration),
      'DTMF-Source': source,
    };
    this.publish('DTMF', digitHeaders, false);
    const turn = this.stack.floor;
    if (turn !== undefined) turn.pressed(digit.key);
    else this.peer?.send(digit);
  }

  /** Presses a key at the far end, in whichever way it understands. */
  send(digit: Digit): void {
    if (this.rtp.terms?.dtmfPayloadType === undefined) this.#signalling.press(digit);
    else this.rtp.digitsOut.queue(digit);
  }

  onSent(payload: Uint8Array): void {
    for (const recorder of this.recorders.values()) recorder.sent(this.law, payload);
  }

  onDefect(error: unknown): void {
    this.#around.defect(error, this);
  }

  #sendAudio(index: number, turn: Turn | undefined, plays: boolean): void {
    const isRelayed = turn === undefined && this.peer !== undefined;
    if (isRelayed && this.rtp.idleFor(index) < longestRelayPause) return;
    if (plays && turn !== undefined && !this.deafened) {
      if (turn.law !== this.law) transcode(turn.law, this.law, this.#frame, this.#frame);
    } else this.#frame.fill(silenceOctet[this.law]);
    this.rtp.sendFrame(this.#frame);
  }

  #rtpTimedOut(silentMs: number): void {
    this.#around.log('info', 'media.rtp_timeout', { channel: this.uuid, silentMs });
    this.hangup('MEDIA_TIMEOUT');
  }

  #leaveBase(): void {
    const { base, peer } = this;
    if (base.uuid !== undefined)
      this.publish(
        'CHANNEL_EXECUTE_COMPLETE',
        told({ ...base, argument: base.data }, this.variables.get(responseVariable) ?? nothing),
      );
    if (peer === undefined) return;
    this.peer = undefined;
    this.setVariable('last_bridge_to', peer.uuid);
    if (peer.peer !== this) return;
    peer.peer = undefined;
    peer.setVariable('last_bridge_to', this.uuid);
    // park_after_bridge: who is left behind waits for what comes.
    if (peer.base.name === 'uuid_bridge') peer.base = { name: 'park', data: '', uuid: undefined };
    this.publish('CHANNEL_UNBRIDGE');
  }

  /** Whatever goes wrong with what is told, what the channel held is given back. */
  async #end(cause: HangupCause): Promise<void> {
    try {
      await this.stack.stopAll('hangup');
      this.#tellEnd(cause);
    } finally {
      await this.#release();
    }
  }

  #tellEnd(cause: HangupCause): void {
    this.#leaveBase();
    this.callState = 'HANGUP';
    this.publish(
      'CHANNEL_CALLSTATE',
      { 'Original-Channel-Call-State': 'ACTIVE', 'Channel-Call-State-Number': '7' },
      false,
    );
    this.publish('CHANNEL_HANGUP');
    this.#signalling.end(cause);
    setMediaStatistics(this);
    this.publish('CHANNEL_HANGUP_COMPLETE');
  }

  async #release(): Promise<void> {
    this.#around.clock.remove(this);
    this.#around.channels.remove(this);
    this.rtp.close();
    const recordings = [...this.recorders.values()].map((recorder) => recorder.finish());
    this.recorders.clear();
    for (const then of this.#onEnd.splice(0)) then();
    await Promise.all(recordings);
  }
}

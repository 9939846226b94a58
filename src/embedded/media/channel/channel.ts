import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { nothing } from '../applications/application.ts';
import { applications } from '../applications/index.ts';
import { frameMs, frameSamples, type FrameMember } from '../clock.ts';
import { DigitTwins, type Digit } from '../digits.ts';
import { silenceOctet, transcode, type Law } from '../g711.ts';
import { reasonOf } from '../log.ts';
import type { SessionRecorder } from '../recording/session-recorder.ts';
import type { RtpHeader } from '../rtp-packet.ts';
import { RtpSession, type RtpListener } from '../rtp-session.ts';
import type { MediaTerms } from '../sdp.ts';
import { channelHeaders, variableHeaders } from './channel-headers.ts';
import { isRtpTimeout, rtpTimeout } from './rtp-timeout.ts';
import type { Surroundings } from './surroundings.ts';
import { Turn, type Stop, type TurnRequest } from './turn.ts';

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
export interface Base {
  readonly name: 'socket' | 'park' | 'uuid_bridge';
  readonly data: string;
  readonly uuid: string | undefined;
}

interface ExecuteRequest extends TurnRequest {
  /** `event-lock`: later requests wait until this one is done. */
  readonly locks: boolean;
}

const longestRelayPause = 10;
const rtpCheckFrames = 500 / frameMs;
const endDeadlineMs = 1000;
const response = 'current_application_response';

/** One call leg in the media server: its RTP, its variables, what is being executed on it, and whom it is bridged to. */
export class Channel implements FrameMember, RtpListener {
  readonly uuid = randomUUID();
  readonly number: number;
  readonly name: string;
  readonly networkAddress: string;
  readonly variables = new Map<string, string>();
  readonly rtp: RtpSession;
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
  readonly #turns: Turn[] = [];
  readonly #queue: ExecuteRequest[] = [];
  readonly #twins = new DigitTwins();
  readonly #frame = new Uint8Array(frameSamples);
  readonly #relayed = new Uint8Array(1500);
  readonly #onEnd: (() => void)[] = [];
  #locked = false;
  #ending: (() => void) | undefined;

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

  get running(): Turn | undefined {
    return this.#turns.at(-1);
  }

  get around(): Surroundings {
    return this.#around;
  }

  /** Offer and answer have agreed, for the first time or anew. */
  agree(terms: MediaTerms): void {
    if (this.hangupCause !== undefined) return;
    this.rtp.agree(terms, this.frame);
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

  /** Starts an application on top of whatever runs, as FreeSWITCH does; only `event-lock` makes later ones wait. */
  execute(request: ExecuteRequest): void {
    if (this.hangupCause !== undefined) return;
    if (this.#locked) this.#queue.push(request);
    else this.#run(request);
  }

  /** Ends the application that runs; with `all`, also those beneath it and those that wait. */
  break(all = false): void {
    if (!all) return this.running?.stop('break');
    this.#queue.length = 0;
    for (const turn of this.#turns.toReversed()) turn.stop('break');
  }

  /** Ends the channel. The first cause stands. */
  hangup(cause: HangupCause): void {
    if (this.hangupCause !== undefined) return;
    this.hangupCause = cause;
    this.stamps.hungUp = Date.now();
    this.#queue.length = 0;
    // Not in the same turn of the loop: an application that hangs up is told complete before those beneath it.
    queueMicrotask(() => void this.#end(cause));
  }

  /** Ends what runs and puts the channel on another base; the old one is told complete, a bridge is left. */
  async rebase(base: Base, why: Stop = 'transfer'): Promise<void> {
    this.#queue.length = 0;
    await this.#stopAll(why);
    if (this.hangupCause !== undefined) return;
    this.#leaveBase();
    this.base = base;
  }

  publish(name: string, extra: Record<string, string> = {}, withVariables = true): void {
    this.#around.events.publish({ name }, () => ({
      ...this.#around.identity.headers(name),
      ...channelHeaders(this),
      ...(withVariables ? variableHeaders(this) : {}),
      ...extra,
    }));
  }

  setVariable(name: string, value: string | undefined): void {
    if (value === undefined || value === '') this.variables.delete(name);
    else this.variables.set(name, value);
    // Silence before anybody minded it does not count.
    if (isRtpTimeout(name)) this.rtp.listenAnew(this.frame);
  }

  tick(index: number): void {
    this.rtp.tick(index);
    for (const recorder of this.recorders.values()) recorder.tick();
    const turn = this.running;
    const plays = turn?.tick(index, this.#frame) === true;
    if (!this.rtp.sendDigit()) this.#sendAudio(index, turn, plays);
    if (index % rtpCheckFrames !== 0) return;
    const silentMs = this.rtp.silentFor(index) * frameMs;
    if (silentMs > rtpTimeout(this.variables, this.rtp.mayReceive, this.#around.rtpTimeoutMs))
      this.#rtpTimedOut(silentMs);
  }

  onAudio(law: Law, payload: Uint8Array, header: RtpHeader): void {
    if (payload.length > this.#relayed.length) return;
    const muted = this.muted ? this.#relayed.subarray(0, payload.length).fill(silenceOctet[law]) : undefined;
    const heard = muted ?? payload;
    for (const recorder of this.recorders.values()) recorder.heard(law, heard);
    const turn = this.running;
    turn?.hear?.(law, heard);
    const { peer } = this;
    // While an application runs on either leg, the two do not hear each other.
    if (peer === undefined || turn !== undefined || peer.running !== undefined || peer.deafened) return;
    // RFC 4733 §2.5.1.2: an event takes the place of the audio.
    if (peer.rtp.digitsOut.busy) return;
    const octets = this.#relayed.subarray(0, payload.length);
    if (law !== peer.law || muted === undefined) transcode(law, peer.law, heard, octets);
    peer.rtp.relay(octets, header);
  }

  onDigit(digit: Digit): void {
    if (this.hangupCause !== undefined || this.#twins.isTwin(digit, this.frame)) return;
    const source = digit.source === 'INFO' ? 'ENDPOINT' : digit.source;
    const told = { 'DTMF-Digit': digit.key, 'DTMF-Duration': String(digit.duration), 'DTMF-Source': source };
    this.publish('DTMF', told, false);
    const turn = this.running;
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

  #run(request: ExecuteRequest): void {
    const application = applications.get(request.name);
    if (application === undefined) {
      this.#around.log('warn', 'media.unsupported_application', {
        channel: this.uuid,
        application: request.name,
      });
      this.hangup('DESTINATION_OUT_OF_ORDER');
      return;
    }
    const turn = new Turn(this, request);
    this.#turns.push(turn);
    this.#locked = request.locks;
    this.setVariable('current_application', request.name);
    this.setVariable('current_application_data', request.argument);
    this.setVariable(response, undefined);
    this.publish('CHANNEL_EXECUTE', told(request));
    try {
      const answer = application(turn);
      if (typeof answer === 'string') this.#complete(turn, request, answer);
      else
        answer.then(
          (text) => this.#complete(turn, request, text),
          (error: unknown) => this.#failed(turn, request, error),
        );
    } catch (error) {
      this.#failed(turn, request, error);
    }
  }

  #failed(turn: Turn, request: ExecuteRequest, error: unknown): void {
    this.#around.log('error', 'media.defect', {
      channel: this.uuid,
      application: request.name,
      error: reasonOf(error),
    });
    this.#complete(turn, request, '-ERR');
  }

  #complete(turn: Turn, request: ExecuteRequest, answer: string): void {
    const at = this.#turns.indexOf(turn);
    if (at < 0) return;
    this.#turns.splice(at, 1);
    if (answer !== nothing) this.setVariable(response, answer);
    this.publish('CHANNEL_EXECUTE_COMPLETE', told(request, answer));
    turn.finish();
    if (!request.locks) return;
    this.#locked = false;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.execute(next);
      if (next.locks) break;
    }
  }

  async #stopAll(why: Stop): Promise<void> {
    for (let turn = this.running; turn !== undefined; turn = this.running) {
      turn.stop(why);
      if (await isLate(turn.finished)) {
        // It hangs on a file that does not come; what it says later is not heard.
        this.#turns.splice(this.#turns.indexOf(turn), 1);
        this.#around.log('error', 'media.application_stuck', {
          channel: this.uuid,
          application: turn.request.name,
        });
      }
    }
  }

  #leaveBase(): void {
    const { base, peer } = this;
    if (base.uuid !== undefined)
      this.publish(
        'CHANNEL_EXECUTE_COMPLETE',
        told({ ...base, argument: base.data }, this.variables.get(response) ?? nothing),
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

  async #end(cause: HangupCause): Promise<void> {
    await this.#stopAll('hangup');
    this.#leaveBase();
    this.#around.clock.remove(this);
    this.rtp.close();
    this.callState = 'HANGUP';
    this.publish(
      'CHANNEL_CALLSTATE',
      { 'Original-Channel-Call-State': 'ACTIVE', 'Channel-Call-State-Number': '7' },
      false,
    );
    this.publish('CHANNEL_HANGUP');
    this.#signalling.end(cause);
    const recordings = [...this.recorders.values()].map((recorder) => recorder.finish());
    this.recorders.clear();
    this.#around.channels.remove(this);
    this.publish('CHANNEL_HANGUP_COMPLETE');
    for (const then of this.#onEnd.splice(0)) then();
    await Promise.all(recordings);
    this.#ending?.();
  }
}

/** The headers that name an application in its events; an empty argument is not told. */
export function told(
  { name, argument, uuid }: { name: string; argument: string; uuid?: string | undefined },
  response?: string,
): Record<string, string> {
  return {
    Application: name,
    ...(argument === '' ? {} : { 'Application-Data': argument }),
    ...(response === undefined ? {} : { 'Application-Response': response }),
    ...(uuid === undefined ? {} : { 'Application-UUID': uuid }),
  };
}

async function isLate(finished: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), endDeadlineMs);
  });
  const result = await Promise.race([finished.then(() => false), late]);
  clearTimeout(timer);
  return result;
}

import { frameMs } from '../clock.ts';
import type { Law } from '../g711.ts';
import type { AudioSource } from '../playback/source.ts';
import type { Channel } from './channel.ts';

/** Why an application is made to end. */
export type Stop = 'break' | 'transfer' | 'hangup';
/** How a wait ended: the audio was over, the time was up, a digit lies ready, or the turn was stopped. */
export type Ending = 'over' | 'time' | 'digit' | Stop;

interface Wait {
  readonly source: AudioSource | undefined;
  readonly untilFrame: number;
  readonly digits: boolean;
  readonly settle: (ending: Ending) => void;
}

export interface TurnRequest {
  readonly name: string;
  readonly argument: string;
  /** The Event-UUID of the command, which comes back as Application-UUID. */
  readonly uuid: string;
}

/**
 * One application at work on a channel. All its waiting is counted in frames of the one clock, so it needs no timer
 * of its own and ends at once when it is stopped.
 */
export class Turn {
  readonly channel: Channel;
  readonly request: TurnRequest;
  /** Resolves when the application has ended and its completion was told. */
  readonly finished: Promise<void>;
  /** What the application wants to hear of the far end, if anything. */
  hear: ((law: Law, payload: Uint8Array) => void) | undefined;
  /** The law of the frames it plays. */
  law: Law = 'PCMU';
  stopped: Stop | undefined;
  /** It has begun to play, to wait, or to listen for digits. */
  hasFloor = false;

  readonly #digits: string[] = [];
  #wait: Wait | undefined;
  #finish: () => void = () => undefined;

  constructor(channel: Channel, request: TurnRequest) {
    this.channel = channel;
    this.request = request;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Plays to the end of the source; with `digits`, to the first digit; with `limitMs`, no longer than that. */
  play(source: AudioSource, law: Law, { digits = false, limitMs = Infinity } = {}): Promise<Ending> {
    this.law = law;
    return this.#until(source, limitMs, digits);
  }

  rest(ms: number): Promise<Ending> {
    return this.#until(undefined, ms, false);
  }

  /** Waits for a digit; 'digit' says that `takeDigit` has one. */
  digit(withinMs: number): Promise<Ending> {
    return this.#until(undefined, withinMs, true);
  }

  takeDigit(): string | undefined {
    return this.#digits.shift();
  }

  /** Listens for digits from now on. */
  forgetDigits(): void {
    this.hasFloor = true;
    this.#digits.length = 0;
  }

  pressed(key: string): void {
    this.#digits.push(key);
    if (this.#wait?.digits === true) this.#settle('digit');
  }

  /** One frame of the clock: fills `frame` and says so, or leaves it alone. */
  tick(index: number, frame: Uint8Array): boolean {
    const wait = this.#wait;
    if (wait === undefined) return false;
    if (index >= wait.untilFrame) {
      this.#settle('time');
      return false;
    }
    if (wait.source === undefined) return false;
    if (wait.source.next(frame)) return true;
    this.#settle('over');
    return false;
  }

  stop(why: Stop): void {
    this.stopped ??= why;
    this.#settle(this.stopped);
  }

  /** Only for the channel, after the completion was told. */
  finish(): void {
    this.#finish();
  }

  #until(source: AudioSource | undefined, ms: number, digits: boolean): Promise<Ending> {
    this.hasFloor = true;
    if (this.stopped !== undefined) return Promise.resolve(this.stopped);
    if (digits && this.#digits.length > 0) return Promise.resolve('digit');
    const untilFrame = this.channel.frame + Math.max(1, Math.ceil(ms / frameMs));
    return new Promise((settle) => {
      this.#wait = { source, untilFrame, digits, settle };
    });
  }

  #settle(ending: Ending): void {
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.settle(ending);
  }
}

import { performance } from 'node:perf_hooks';

export const frameMs = 20;
/** Samples, and in G.711 octets, of one frame at 8000 samples a second. */
export const frameSamples = 160;

/** Frames sent at one wake-up: a late clock catches up in small steps, so that no far end gets a burst. */
const greatestBurst = 3;
/** A clock that is later than this, in frames, was suspended with its process: what was missed is left out. */
const greatestLag = 50;
const catchUpPauseMs = 4;

export interface Timebase {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `then` once, `ms` from now at the earliest; the returned function cancels. */
  wake(ms: number, then: () => void): () => void;
}

export interface FrameMember {
  /** Called once a frame; `index` counts the frames since the clock was made and may jump, but never goes back. */
  tick(index: number): void;
}

/**
 * The one 20 ms clock of all sessions. Frame n is due at `start + n * 20 ms`, whatever became of the frames before: it cannot drift.
 * It runs only while it has members.
 */
export class FrameClock<Member extends FrameMember = FrameMember> {
  readonly #timebase: Timebase;
  readonly #onDefect: (member: Member, error: unknown) => void;
  readonly #start: number;
  readonly #members = new Set<Member>();
  #index = 0;
  #cancel: (() => void) | undefined;
  /** Frames run a whole frame or more after they were due. */
  late = 0;
  /** Frames never run, because the process stood still. */
  skipped = 0;

  constructor(onDefect: (member: Member, error: unknown) => void, timebase: Timebase = realTime) {
    this.#onDefect = onDefect;
    this.#timebase = timebase;
    this.#start = timebase.now();
  }

  /** The index of the latest frame that was run; while the clock rests, of the one that would be. */
  get index(): number {
    return this.running ? this.#index : Math.max(this.#index, this.#due());
  }

  get running(): boolean {
    return this.#cancel !== undefined;
  }

  add(member: Member): void {
    this.#members.add(member);
    if (this.#cancel !== undefined) return;
    this.#index = Math.max(this.#index, this.#due());
    this.#arm();
  }

  remove(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #due(): number {
    return Math.floor((this.#timebase.now() - this.#start) / frameMs);
  }

  #arm(): void {
    const wait = this.#start + (this.#index + 1) * frameMs - this.#timebase.now();
    this.#cancel = this.#timebase.wake(wait > 0 ? wait : catchUpPauseMs, () => this.#run());
  }

  #run(): void {
    const due = this.#due();
    if (due - this.#index > greatestLag) {
      this.skipped += due - 1 - this.#index;
      this.#index = due - 1;
    }
    for (let burst = 0; this.#index < due && burst < greatestBurst; burst++) {
      if (due > this.#index + 1) this.late++;
      this.#index++;
      for (const member of this.#members) this.#tick(member);
    }
    if (this.#members.size > 0) this.#arm();
  }

  #tick(member: Member): void {
    try {
      member.tick(this.#index);
    } catch (error) {
      this.#onDefect(member, error);
    }
  }
}

const realTime: Timebase = {
  now: () => performance.now(),
  wake: (ms, then) => {
    const timer = setTimeout(then, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

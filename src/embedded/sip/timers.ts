/** RFC 3261 §17, table 4, in milliseconds. */
export interface TimerValues {
  /** Round trip estimate. */
  readonly t1: number;
  /** Longest pause between retransmissions of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** How long a message may stay in the network. */
  readonly t4: number;
}

export const standardTimers: TimerValues = { t1: 500, t2: 4_000, t4: 5_000 };

export interface Timer {
  cancel(): void;
}

/** Where time comes from; tests have their own. */
export interface Clock {
  after(ms: number, fire: () => void): Timer;
}

export const systemClock: Clock = {
  after(ms, fire) {
    const handle = setTimeout(fire, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The timers of one state machine, by name; entering a state cancels what the last one had set. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  start(name: string, ms: number, fire: () => void): void {
    this.#running.get(name)?.cancel();
    this.#running.set(
      name,
      this.#clock.after(ms, () => {
        this.#running.delete(name);
        fire();
      }),
    );
  }

  /** Fires after `first`, then after twice as long each time, but never longer than `longest`. */
  repeat(name: string, first: number, longest: number, fire: () => void): void {
    this.start(name, first, () => {
      this.repeat(name, Math.min(first * 2, longest), longest, fire);
      fire();
    });
  }

  cancel(name: string): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
  }

  cancelAll(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}

import type { Clock, Timer } from './timers.ts';

export interface GuardedClock extends Clock {
  /** Timers that wait to fire. */
  readonly running: number;
  cancelAll(): void;
}

/** A clock that counts what it has running, and hands exceptions of what it fires to `defect`. */
export function guardedClock(clock: Clock, defect: (error: unknown) => void): GuardedClock {
  const running = new Set<Timer>();
  return {
    get running() {
      return running.size;
    },
    after(ms, fire) {
      const inner = clock.after(ms, () => {
        running.delete(timer);
        try {
          fire();
        } catch (error) {
          defect(error);
        }
      });
      const timer: Timer = {
        cancel() {
          if (running.delete(timer)) inner.cancel();
        },
      };
      running.add(timer);
      return timer;
    },
    cancelAll() {
      for (const timer of [...running]) timer.cancel();
    },
  };
}

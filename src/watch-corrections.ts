/** Corrections that commands and other switches make reach the limits of this one while it runs. */
import type { Counters } from './counters.ts';

const everyMs = 2_000;

export interface Watching {
  /** Looks now; what cannot be read now is read by a later look. */
  look(): Promise<void>;
  /** Waits for the look under way. */
  stop(): Promise<void>;
}

export function watchCorrections(counters: Pick<Counters, 'notice'>): Watching {
  let looking: Promise<void> | null = null;
  const look = (): Promise<void> => {
    // While the database is away the loader says so, over and over; nothing is lost here.
    const looked = counters.notice().catch(() => undefined);
    looking = looked.then(() => {
      looking = null;
    });
    return looking;
  };
  const timer = setInterval(() => {
    // One that is not answered is not asked a second time.
    if (looking === null) void look();
  }, everyMs);
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

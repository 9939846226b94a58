/** Corrections that commands and other switches make reach the limits of this one while it runs. */
import type { Counters } from './counters.ts';
import { oneAtATime } from './one-at-a-time.ts';

const everyMs = 2_000;

interface Watching {
  /** Looks now, or once the look under way is over; what cannot be read now is read by a later look. */
  look(): Promise<void>;
  /** Waits for the looks under way. */
  stop(): Promise<void>;
}

export function watchCorrections(counters: Pick<Counters, 'notice'>): Watching {
  // While the database is away the loader says so, over and over; nothing is lost here.
  const looks = oneAtATime(() => counters.notice().catch(() => undefined));
  const timer = setInterval(() => {
    // One that is not answered is not asked a second time.
    if (!looks.isLooking()) void looks.look();
  }, everyMs);
  return {
    look: () => looks.look(),
    stop: async () => {
      clearInterval(timer);
      await looks.over();
    },
  };
}

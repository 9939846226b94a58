/** Where the period of a cap begins and ends: local hours, midnights, Mondays and firsts of the month. */
import { dayOf, localClock, offsetChange, startOfDay, weekdayOf } from './local-clock.ts';

export type Period = 'hour' | 'day' | 'week' | 'month' | 'ever';

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * Milliseconds since the epoch at which the running period began; 0 for `ever`. When clocks go back, the hour that
 * comes twice is two hours, and the day has 25.
 */
export function periodStart(per: Period, timezone: string, at: number): number {
  const clock = localClock(timezone);
  const wall = clock.wall(at);
  const today = dayOf(wall);
  switch (per) {
    case 'hour': {
      const start = at - (((wall % hourMs) + hourMs) % hourMs);
      const changed = clock.wall(start) - start !== wall - at;
      return changed ? offsetChange(clock, start, at) : start;
    }
    case 'day':
      return startOfDay(clock, today);
    case 'week':
      return startOfDay(clock, today - (weekdayOf(today) - 1));
    case 'month':
      return startOfDay(clock, today - (new Date(today * dayMs).getUTCDate() - 1));
    case 'ever':
      return 0;
  }
}

/** The first instant after the running day, week or month. */
export function periodEnd(per: 'day' | 'week' | 'month', timezone: string, at: number): number {
  const clock = localClock(timezone);
  const today = dayOf(clock.wall(at));
  switch (per) {
    case 'day':
      return startOfDay(clock, today + 1);
    case 'week':
      return startOfDay(clock, today + 8 - weekdayOf(today));
    case 'month': {
      const date = new Date(today * dayMs);
      return startOfDay(clock, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / dayMs);
    }
  }
}

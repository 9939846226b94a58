import { expect, it } from 'vitest';
import type { JournalStats } from '../../src/records/journal/journal.ts';
import { Lag } from '../../src/records/loader/lag.ts';

/** One line is durable and loaded; others may wait for the disk. */
const journalled = (waitingSince: number | null) => {
  const waiting = waitingSince === null ? 0 : 3;
  const stats: JournalStats = {
    ...{ firstSeq: 1, durableSeq: 1, lastSeq: 1 + waiting, segments: 1, waiting, waitingSince },
  };
  const lag = new Lag({ stats: () => stats, watch: () => () => undefined });
  lag.advance(1);
  return lag.stats();
};

it('counts from the oldest line that waits, though the disk takes none', () => {
  const { lag, lagSeconds } = journalled(performance.now() - 90_000);
  expect(lag).toBe(3);
  expect(lagSeconds).toBeGreaterThanOrEqual(90);
});

it('is nothing where nothing waits', () => {
  expect(journalled(null)).toEqual({ lag: 0, lagSeconds: 0 });
});

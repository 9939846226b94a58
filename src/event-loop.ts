/** What the event loop goes through: one sampler, read over a second by admission and over ten by metrics and health. */
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';

/** Of the last second. */
export interface Load {
  /** How late timers went off, milliseconds, at the 99th percentile; one long pause alone is none. */
  readonly delay: number;
  /** The share of the time in which the event loop had something to do, from 0 to 1. */
  readonly busy: number;
}

/** Milliseconds that a turn came late. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventLoop {
  /** Of the last ten seconds that are over, and of what has passed of the next: whichever was worse. */
  delay(): LoopDelay;
  /** Tells of each second that is over, but for the first from now on: what a start costs is nobody's call. */
  eachSecond(tell: (load: Load) => void): void;
  stop(): void;
}

const windowMs = 10_000;
const secondMs = 1_000;
const sampleMs = 5;

/** Who asks changes nothing for the others who do. */
export function watchEventLoop(window = windowMs): EventLoop {
  const histograms: RecordableHistogram[] = [];
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, then: () => void) => void timers.push(setInterval(then, ms).unref());
  const windowed = (ms: number, over: (delay: LoopDelay) => void) => {
    const histogram = createHistogram();
    histograms.push(histogram);
    every(ms, () => {
      over(read(histogram));
      histogram.reset();
    });
    return histogram;
  };

  let turned = performance.now();
  every(sampleMs, () => {
    const now = performance.now();
    for (const histogram of histograms) record(histogram, now - turned - sampleMs);
    turned = now;
  });
  let last: LoopDelay = { p50: 0, p99: 0, max: 0 };
  const current = windowed(window, (delay) => (last = delay));
  return {
    delay() {
      const { p50, p99, max } = read(current);
      return { p50: Math.max(p50, last.p50), p99: Math.max(p99, last.p99), max: Math.max(max, last.max) };
    },
    eachSecond(tell) {
      let isFirst = true;
      let before = performance.eventLoopUtilization();
      windowed(secondMs, ({ p99 }) => {
        const now = performance.eventLoopUtilization();
        const { utilization: busy } = performance.eventLoopUtilization(now, before);
        before = now;
        if (!isFirst) tell({ delay: p99, busy });
        isFirst = false;
      });
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** The 99th percentile; of fewer than a hundred turns, as a busy loop has in a second, the longest but one. */
const allButOne = (turns: number): number => (turns < 2 ? 100 : Math.min(99, (100 * (turns - 1)) / turns));

/** In microseconds; a histogram takes no 0. */
const record = (histogram: RecordableHistogram, lateMs: number) =>
  histogram.record(Math.max(1, Math.round(lateMs * 1_000)));

const read = (histogram: RecordableHistogram): LoopDelay => ({
  p50: histogram.percentile(50) / 1_000,
  p99: histogram.percentile(allButOne(histogram.count)) / 1_000,
  max: histogram.max / 1_000,
});

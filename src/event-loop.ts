import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds that a turn came late. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventLoop {
  /** Of the last ten seconds that are over, and of what has passed of the next: whichever was worse. */
  delay(): LoopDelay;
  stop(): void;
}

const windowMs = 10_000;
const resolutionMs = 10;

/** Measures beside the loop, at the cost of a timer; who asks changes nothing for the others who do. */
export function watchEventLoop(window = windowMs): EventLoop {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let last: LoopDelay = { p50: 0, p99: 0, max: 0 };
  const read = (): LoopDelay => ({
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  });
  const timer = setInterval(() => {
    last = read();
    histogram.reset();
  }, window);
  timer.unref();
  return {
    delay() {
      const { p50, p99, max } = read();
      return { p50: Math.max(p50, last.p50), p99: Math.max(p99, last.p99), max: Math.max(max, last.max) };
    },
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

/** What is measured is the time between two turns that were to be one resolution apart; 0 where none came yet. */
const late = (nanoseconds: number) =>
  nanoseconds > 0 && nanoseconds < Number.MAX_SAFE_INTEGER
    ? Math.max(0, nanoseconds / 1e6 - resolutionMs)
    : 0;

/** What the event loop goes through, told once a second: what admission goes by. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Load } from './calls/overload.ts';

const everyMs = 1_000;
/** Milliseconds; the histogram's figures have it in them. Fine enough that one long pause alone is not the 99th percentile. */
const resolution = 5;

/** Returns what ends it. */
export function watchLoop(tell: (load: Load) => void): () => void {
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  // What a start costs is nobody's call.
  let isFirst = true;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization: busy } = performance.eventLoopUtilization(now, before);
    before = now;
    const delay = delays.count === 0 ? 0 : Math.max(0, delays.percentile(99) / 1e6 - resolution);
    delays.reset();
    if (!isFirst) tell({ delay, busy });
    isFirst = false;
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    delays.disable();
  };
}

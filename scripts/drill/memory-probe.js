// Loaded into the switch by NODE_OPTIONS while it is soaked: every thread of it collects its garbage at intervals and
// writes down what is left, and how long it has been busy, one line of JSON each. Compiled code is left out: it comes and
// goes by itself.
import { appendFileSync } from 'node:fs';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { performance } from 'node:perf_hooks';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';

const file = process.env.TOLLBRIDGE_DRILL_MEMORY;
if (file !== undefined) {
  if (process.env.TOLLBRIDGE_DRILL_UNOPTIMISED !== undefined) setFlagsFromString('--no-opt');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  setInterval(() => {
    collect();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
    const held = heapUsed + arrayBuffers - code - bytecode;
    const busy = performance.eventLoopUtilization().active;
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), threadId, held, rss, busy })}\n`);
  }, Number(process.env.TOLLBRIDGE_DRILL_MEMORY_MS)).unref();
}

// Loaded into the switch by NODE_OPTIONS while it is soaked: every thread of it collects its garbage at intervals and
// writes down what is left, one line of JSON each.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';

const file = process.env.TOLLBRIDGE_DRILL_MEMORY;
if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  setInterval(() => {
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), threadId, heapUsed, rss })}\n`);
  }, Number(process.env.TOLLBRIDGE_DRILL_MEMORY_MS)).unref();
}

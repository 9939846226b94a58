/** What the calls' own thread spends. Linux tells it of each thread. */
import { readFileSync } from 'node:fs';

/** Microseconds for which the main thread of this process has had a processor. */
export function mainThreadMicros(): number {
  const [nanos = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanos) / 1000;
}

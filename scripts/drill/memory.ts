/** What memory-probe.js wrote down of a soaked switch. */
import { readFile } from 'node:fs/promises';

export interface MemoryFigures {
  /** MB left after a garbage collection, all long-lived threads together: the median of the first third and the last. */
  readonly heap: readonly [first: number, last: number];
  readonly rss: readonly [first: number, last: number];
  readonly samples: number;
}

interface Sample {
  readonly at: number;
  readonly threadId: number;
  readonly heapUsed: number;
  readonly rss: number;
}

/** Of the samples between these times. @throws Error where there are fewer than six of the main thread. */
export async function memoryOf(file: string, from: number, to: number): Promise<MemoryFigures> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const all = lines.map((line) => JSON.parse(line) as Sample).filter(({ at }) => at >= from && at <= to);
  const main = all.filter(({ threadId }) => threadId === 0);
  if (main.length < 6) throw new Error(`memory was measured ${main.length} times only`);
  const third = Math.floor(main.length / 3);
  const [early = from, late = to] = [main[third]?.at, main.at(-third)?.at];
  const threads = [...new Set(all.map(({ threadId }) => threadId))];
  const heap = (is: (at: number) => boolean) =>
    threads
      .map((thread) => all.filter(({ at, threadId }) => threadId === thread && is(at)))
      .reduce((sum, samples) => sum + median(samples.map(({ heapUsed }) => heapUsed)), 0);
  const rss = (is: (at: number) => boolean) => median(main.filter(({ at }) => is(at)).map((one) => one.rss));
  const firstAndLast = (of: typeof rss) =>
    [inMegabytes(of((at) => at < early)), inMegabytes(of((at) => at >= late))] as const;
  return { heap: firstAndLast(heap), rss: firstAndLast(rss), samples: main.length };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const inMegabytes = (bytes: number) => bytes / 2 ** 20;

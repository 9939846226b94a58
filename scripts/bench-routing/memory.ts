import { setImmediate } from 'node:timers/promises';

export interface Memory {
  /** The process, as the system sees it. */
  readonly rss: number;
  /** What is still in use: objects, and the bytes of typed arrays. */
  readonly used: number;
}

/** Megabytes, after the garbage has gone. */
export async function memoryNow(): Promise<Memory> {
  for (let pass = 0; pass < 3; pass++) {
    collectGarbage();
    await setImmediate();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / 1e6, used: (heapUsed + external) / 1e6 };
}

function collectGarbage(): void {
  if (global.gc === undefined) throw new Error('memory is measured under node --expose-gc');
  global.gc();
}

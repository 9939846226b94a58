/** What memory-probe.js wrote down of a switch that is soaked: its memory, and how busy it was. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/demo/package-root.ts';

/** A switch at rest, in bytes. */
export interface MemoryAtRest {
  /** What garbage collections left of all long-lived threads together, buffers included, compiled code not. */
  readonly held: number;
  readonly rss: number;
}

interface Sample {
  readonly at: number;
  readonly threadId: number;
  readonly held: number;
  readonly rss: number;
  /** Milliseconds in all that the thread's event loop was not idle. */
  readonly busy: number;
}

const everyMs = 5_000;
const samples = 3;
/** SIP remembers a transaction for so long, to know a repetition (RFC 3261, 64 × T1). */
const transactionsMs = 32_000;

/**
 * The environment of a switch that writes its memory into this file. Not optimised, it is slower; but what belongs to
 * optimised code and is not counted as code grows for many minutes, by as much as a leak of a kilobyte a call.
 */
export function probing(file: string, isOptimised: boolean): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import=${pathToFileURL(join(packageRoot, 'scripts', 'drill', 'memory-probe.js')).href}`,
    TOLLBRIDGE_DRILL_MEMORY: file,
    TOLLBRIDGE_DRILL_MEMORY_MS: String(everyMs),
    ...(!isOptimised && { TOLLBRIDGE_DRILL_UNOPTIMISED: 'yes' }),
  };
}

/** Of a switch without calls: the least of several samples, as only garbage makes one greater than another. */
export async function memoryAtRest(file: string): Promise<MemoryAtRest> {
  await pause(transactionsMs);
  const since = Date.now();
  for (;;) {
    await pause(everyMs);
    const all = await samplesIn(file, since);
    const threads = [...new Set(all.map(({ threadId }) => threadId))].map((thread) =>
      all.filter(({ threadId }) => threadId === thread),
    );
    if (threads.length === 0 || threads.some((own) => own.length < samples)) continue;
    return {
      held: threads.reduce((sum, own) => sum + Math.min(...own.map(({ held }) => held)), 0),
      rss: Math.min(...threads.flatMap((own) => own.map(({ rss }) => rss))),
    };
  }
}

/** How much of that time the event loop of the main thread was busy, 0 to 1; NaN where too little of it is known. */
export async function mainThreadBusy(file: string, since: number, until: number): Promise<number> {
  const own = (await samplesIn(file, since)).filter(({ at, threadId }) => threadId === 0 && at <= until);
  const [first, last] = [own[0], own.at(-1)];
  return first && last ? (last.busy - first.busy) / (last.at - first.at) : NaN;
}

async function samplesIn(file: string, since: number): Promise<readonly Sample[]> {
  // The last line may still be on its way.
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Sample).filter(({ at }) => at >= since);
}

/**
 * Calls at a steady rate, each line of each at its own moment, as a switch writes them while its loader runs: how long
 * whoever must wait for the disk waits, and what the main thread spends.
 */
import { closeSync, constants, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { JournalEvent } from '../../src/records/events.ts';
import { openJournal } from '../../src/records/journal/journal.ts';
import { encodeEvent } from '../../src/records/journal/line.ts';
import { startLoaderThread } from '../../src/records/loader/loader-thread.ts';
import { figuresOf, type Figures } from '../bench-routing/figures.ts';
import { log } from './database.ts';
import { madeUpCall, tableEvent } from './made-up-calls.ts';
import { mainThreadMicros } from './main-thread.ts';

export interface CallPathFigures {
  /** Microseconds from the moment when a line was written until it was on the disk. */
  readonly wait: Figures;
  /** The same of bare writes of one line at the same moments, one call of the system each, before there was a loader. */
  readonly disk: Figures;
  /** Main-thread microseconds for each call, and for each of its lines, the timers of this benchmark taken off. */
  readonly perCall: number;
  readonly perLine: number;
  /** Entries that were not in the database when the last call ended. */
  readonly lag: number;
}

export async function callsAtARate(
  folder: string,
  url: string,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<CallPathFigures> {
  const warmUp = Array.from({ length: perSecond * warmUpSeconds }, (_, number) => madeUpCall(number));
  const calls = Array.from({ length: perSecond * seconds }, (_, number) =>
    madeUpCall(warmUp.length + number),
  );
  const lines = calls.flat().length;
  await spread(warmUp, perSecond, () => undefined);
  const idle = await spread(calls, perSecond, () => undefined);
  const disk = await bareWrites(join(folder, `bare-${process.hrtime.bigint()}`), calls, perSecond);
  const journal = await openJournal({ dir: join(folder, `journal-${process.hrtime.bigint()}`), log });
  const loader = startLoaderThread({ journal, url, log });
  await journal.flushed(journal.append(tableEvent));
  await loader.caughtUp();

  let waits: number[] = [];
  const take = (event: JournalEvent): void => {
    const began = performance.now();
    const seq = journal.append(event);
    if (!isWaitedFor(event)) return;
    void journal.flushed(seq).then(() => waits.push((performance.now() - began) * 1000));
  };
  await spread(warmUp, perSecond, take);
  waits = [];
  const busy = await spread(calls, perSecond, take);
  const { lag } = loader.stats();
  await loader.caughtUp();
  await loader.stop();
  await journal.close();
  const spent = Math.max(0, busy - idle);
  return {
    wait: figuresOf(Float64Array.from(waits)),
    disk,
    perCall: spent / calls.length,
    perLine: spent / lines,
    lag,
  };
}

/** What calls wait for: then somebody pays. */
const isWaitedFor = ({ type }: JournalEvent): boolean => type === 'answered' || type === 'connected';

/** What no journal could better: what the disk takes for the same lines, each by itself. */
async function bareWrites(
  path: string,
  calls: readonly (readonly JournalEvent[])[],
  perSecond: number,
): Promise<Figures> {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_DSYNC);
  const waits: number[] = [];
  const writes: Promise<void>[] = [];
  let at = 0;
  await spread(calls, perSecond, (event) => {
    if (!isWaitedFor(event)) return;
    const line = Buffer.from(encodeEvent(writes.length + 1, event));
    const began = performance.now();
    writes.push(
      writeAt(file, line, 0, line.length, at).then(() => {
        waits.push((performance.now() - began) * 1000);
      }),
    );
    at += line.length;
  });
  await Promise.all(writes);
  closeSync(file);
  return figuresOf(Float64Array.from(waits));
}

const writeAt = promisify(write);

/** A switch has run for a while: its code is compiled, its connections are made. */
const warmUpSeconds = 3;

/** The lines of each call over a second, so that those of many calls stand between them. What the main thread spent. */
async function spread(
  calls: readonly (readonly JournalEvent[])[],
  perSecond: number,
  say: (event: JournalEvent) => void,
): Promise<number> {
  const due = calls
    .flatMap((events, call) =>
      events.map((event, line) => ({ event, at: (call * 1000) / perSecond + (line * 1000) / events.length })),
    )
    .sort((a, b) => a.at - b.at);
  const [began, spent] = [performance.now(), mainThreadMicros()];
  for (const { event, at } of due) {
    const ahead = at - (performance.now() - began);
    if (ahead > 0) await pause(ahead);
    say(event);
  }
  return mainThreadMicros() - spent;
}

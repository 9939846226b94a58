import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { Slices } from '../routing/table.ts';
import { Unpacking, type Loaded, type Parcel } from './parcels.ts';

/** What the loading thread is told. */
export interface LoadOrder {
  readonly file: string;
  /** What `--data` said: it stands above the file. */
  readonly data: string | undefined;
  readonly parcels: MessagePort;
}

interface LoadLimits {
  /** Aborted where nobody waits for it any more. */
  readonly givenUp: AbortSignal;
  /** Milliseconds. */
  readonly patience?: number;
  /** Where the thread begins, unless in the file beside this one. */
  readonly entry?: URL;
}

/** A network of ten thousand buyers takes seconds; what takes longer than this hangs: a file system that is gone, say. */
const loadsWithin = 100_000;

/**
 * Reads and checks a config in a thread of its own, then takes it over in slices: a network of any size stalls calls no
 * longer than a slice. Rejects where the thread dies or hangs, and when it is given up.
 */
export async function loadInThread(
  order: Omit<LoadOrder, 'parcels'>,
  slices: Slices,
  { givenUp, patience = loadsWithin, entry = entryBeside }: LoadLimits,
): Promise<Loaded> {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const workerData: LoadOrder = { ...order, parcels: theirs };
  const worker = new Worker(entry, { workerData, transferList: [theirs], name: 'reload' });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const late = setTimeout(() => {
    end(`the loading thread was not done after ${patience / 1000} s`);
  }, patience);
  const onGivenUp = () => {
    end('it was given up');
  };
  let why = 'the loading thread ended before it was done';
  const end = (reason: string) => {
    why = reason;
    void worker.terminate();
  };
  if (givenUp.aborted) onGivenUp();
  givenUp.addEventListener('abort', onGivenUp);
  try {
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.on('error', reject);
      void exited.then(() => reject(new Error(why)));
    });
    const loaded = await unpack(ours, slices);
    worker.postMessage('taken');
    await exited;
    return loaded;
  } finally {
    clearTimeout(late);
    givenUp.removeEventListener('abort', onGivenUp);
    ours.close();
    await worker.terminate();
  }
}

/** Pulled from the port: delivered as events, they would all come in one tick. */
async function unpack(port: MessagePort, slices: Slices): Promise<Loaded> {
  const unpacking = new Unpacking();
  let until = slices.now() + slices.budgetMs;
  for (;;) {
    const received = receiveMessageOnPort(port) as { readonly message: Parcel } | undefined;
    if (!received) throw new Error('the loading thread sent half a config');
    const whole = unpacking.take(received.message);
    if (whole) return whole;
    if (slices.now() < until) continue;
    await slices.yield();
    until = slices.now() + slices.budgetMs;
  }
}

/** Compiled, the entry stands beside this file as JavaScript; run from source, as TypeScript. */
const entryBeside = new URL(
  import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
  import.meta.url,
);

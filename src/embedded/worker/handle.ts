import { Worker } from 'node:worker_threads';
import type { Load } from '../../event-loop.ts';
import type { Log } from '../log.ts';
import type { FromWorker, Refusal, ToWorker } from './protocol.ts';

/** A server in a worker thread, from the main thread's side. */
export interface RunningWorker<Stats> {
  /** Resolves when the worker has died without having been closed. */
  readonly failed: Promise<Error>;
  /** Rejects where the worker has ended, or does not answer in time. */
  stats(): Promise<Stats>;
  /** What its event loop went through in the last second, told once; null where it has said nothing since it was asked. */
  takeLoad(): Load | null;
  /** Resolves when the thread is gone; one that does not end by itself in time is ended. */
  close(): Promise<void>;
}

interface WorkerOptions {
  /** Names the thread, and its log lines and errors. */
  readonly name: string;
  readonly entry: URL;
  /** What the server is started with; must be fit to be cloned. */
  readonly data: object;
  readonly log?: Log | undefined;
  /** How long, in ms, a worker may take to answer or to end, 5 s unless given. */
  readonly patience?: number;
}

/** The server did not start. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: string | undefined;
  readonly address: string | undefined;

  constructor({ message, code, address }: Refusal) {
    super(message);
    this.code = code;
    this.address = address;
  }
}

/** The file beside a module that its worker begins with: compiled, that is JavaScript; run from source, TypeScript. */
export function entryBeside(module: string): URL {
  return new URL(module.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js', module);
}

/** Resolves with the facts that the server tells of itself. Rejects with StartError where it does not start. */
export async function startWorker<Facts extends object, Stats>(
  options: WorkerOptions,
): Promise<Facts & RunningWorker<Stats>> {
  const { name, entry, data, log, patience = 5_000 } = options;
  const worker = new Worker(entry, { workerData: data, name });
  const say = (message: ToWorker) => worker.postMessage(message);
  const asking = new Map<number, { resolve: (stats: Stats) => void; reject: (error: Error) => void }>();
  const answered = (id: number) => {
    const asker = asking.get(id);
    asking.delete(id);
    return asker;
  };
  let asked = 0;
  let load: Load | null = null;
  let isClosing = false;
  let hasEnded = false;

  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      hasEnded = true;
      for (const id of [...asking.keys()]) answered(id)?.reject(gone(name));
      resolve();
    });
  });
  const failed = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => {
      if (!isClosing) resolve(new Error(`the ${name} worker ended by itself with code ${code}`));
    });
  });
  const facts = await new Promise<Facts>((resolve, reject) => {
    worker.on('message', (message: FromWorker<Facts, Stats>) => {
      if (message.kind === 'started') resolve(message.facts);
      else if (message.kind === 'refused') reject(new StartError(message));
      else if (message.kind === 'stats') answered(message.id)?.resolve(message.stats);
      else if (message.kind === 'load') load = message.load;
      else log?.(...message.line);
    });
    void failed.then(reject);
  });

  return {
    ...facts,
    failed,
    takeLoad() {
      const taken = load;
      load = null;
      return taken;
    },
    stats: () =>
      new Promise((resolve, reject) => {
        if (hasEnded) {
          reject(gone(name));
          return;
        }
        const id = ++asked;
        const late = setTimeout(() => {
          answered(id)?.reject(new Error(`the ${name} worker does not answer`));
        }, patience);
        asking.set(id, {
          resolve: (stats) => {
            clearTimeout(late);
            resolve(stats);
          },
          reject: (error) => {
            clearTimeout(late);
            reject(error);
          },
        });
        say({ kind: 'stats', id });
      }),
    async close() {
      isClosing = true;
      say({ kind: 'close' });
      const late = setTimeout(() => {
        log?.('error', `${name}.worker_stuck`, { after_ms: patience });
        void worker.terminate();
      }, patience);
      await exited;
      clearTimeout(late);
    },
  };
}

function gone(name: string): Error {
  return new Error(`the ${name} worker has ended`);
}

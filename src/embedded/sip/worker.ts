import { Worker } from 'node:worker_threads';
import type { SipServer, SipServerOptions, SipServerStats } from './server.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

export interface SipWorker extends Omit<SipServer, 'stats'> {
  stats(): Promise<SipServerStats>;
  /** Resolves when the worker has died without having been closed; calls are lost then. */
  readonly failed: Promise<Error>;
}

/** As ListenError has them, which does not survive the way between threads. */
export class SipWorkerError extends Error {
  override readonly name = 'SipWorkerError';
  readonly code: string;
  readonly address: string;

  constructor({ message, code, address }: { message: string; code: string; address: string }) {
    super(message);
    this.code = code;
    this.address = address;
  }
}

/** `startSipServer` in a thread of its own. Rejects with SipWorkerError (`code`, `address`) where a port cannot be had. */
export async function startSipWorker({ log, ...workerData }: SipServerOptions): Promise<SipWorker> {
  const worker = new Worker(entry, { workerData, name: 'sip' });
  const say = (message: ToWorker) => worker.postMessage(message);
  const asking: { resolve: (stats: SipServerStats) => void; reject: (error: Error) => void }[] = [];
  let closing = false;

  let ended = false;
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      ended = true;
      for (const { reject } of asking.splice(0)) reject(gone());
      resolve();
    });
  });
  const failed = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(asError(error)));
    worker.once('exit', (code) => {
      if (!closing) resolve(new Error(`the SIP worker ended by itself with code ${code}`));
    });
  });
  const started = new Promise<FromWorker & { kind: 'started' }>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'started': {
          resolve(message);
          return;
        }
        case 'refused': {
          reject(new SipWorkerError(message));
          return;
        }
        case 'stats':
          return asking.shift()?.resolve(message.stats);
        case 'log':
          return log?.(...message.line);
        case 'closed':
          return;
      }
    });
    void failed.then(reject);
  });
  const { control, listening } = await started;

  return {
    control,
    listening,
    failed,
    stats: () =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(gone());
          return;
        }
        asking.push({ resolve, reject });
        say({ kind: 'stats' });
      }),
    async close() {
      closing = true;
      say({ kind: 'close' });
      await exited;
    },
  };
}

/** Compiled, the entry stands beside this file as JavaScript; run from source, as TypeScript. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js',
  import.meta.url,
);

function gone(): Error {
  return new Error('the SIP worker has ended');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

import { Worker } from 'node:worker_threads';
import type { MediaServer, MediaServerOptions, MediaServerStats } from './server.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

export interface MediaWorker extends Omit<MediaServer, 'stats'> {
  stats(): Promise<MediaServerStats>;
  /** Resolves when the worker has died without having been closed; the media of all calls is lost then. */
  readonly failed: Promise<Error>;
}

interface Asking {
  readonly resolve: (stats: MediaServerStats) => void;
  readonly reject: (error: Error) => void;
}

/** `startMediaServer` in a thread of its own, so that audio never waits for the app. Rejects where an address cannot be had. */
export async function startMediaWorker({ log, ...workerData }: MediaServerOptions): Promise<MediaWorker> {
  const worker = new Worker(entry, { workerData, name: 'media' });
  const say = (message: ToWorker) => worker.postMessage(message);
  const asking: Asking[] = [];
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
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => {
      if (!closing) resolve(new Error(`the media worker ended by itself with code ${code}`));
    });
  });
  const started = new Promise<FromWorker & { kind: 'started' }>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'started') resolve(message);
      else if (message.kind === 'refused') reject(new Error(message.message));
      else if (message.kind === 'stats') asking.shift()?.resolve(message.stats);
      else log?.(...message.line);
    });
    void failed.then(reject);
  });
  const { sip, eventSocket } = await started;

  return {
    sip,
    eventSocket,
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
  return new Error('the media worker has ended');
}

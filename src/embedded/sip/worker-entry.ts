/** The worker thread's side of `startSipWorker`. */
import { workerData } from 'node:worker_threads';
import { runWorker } from '../worker/run.ts';
import { startSipServer, type SipServerOptions } from './server.ts';
import type { SipFacts } from './worker.ts';

await runWorker(
  (log) => startSipServer({ ...(workerData as SipServerOptions), log }),
  ({ control, listening }): SipFacts => ({ control, listening }),
);

/** The worker thread's side of `startMediaWorker`. */
import { workerData } from 'node:worker_threads';
import { runWorker } from '../worker/run.ts';
import { startMediaServer, type MediaServerOptions } from './server.ts';
import type { MediaFacts } from './worker.ts';

await runWorker(
  (log) => startMediaServer({ ...(workerData as MediaServerOptions), log }),
  ({ sip, eventSocket }): MediaFacts => ({ sip, eventSocket }),
);

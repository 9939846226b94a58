/** The worker thread's side of `startMediaWorker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from './log.ts';
import { startMediaServer } from './server.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-protocol.ts';

if (!parentPort) throw new Error('worker-entry runs in a worker thread only');
const main = parentPort;
const tell = (message: FromWorker) => main.postMessage(message);

try {
  const options = workerData as WorkerOptions;
  const server = await startMediaServer({ ...options, log: (...line) => tell({ kind: 'log', line }) });
  main.on('message', (asked: ToWorker) => {
    if (asked.kind === 'stats') tell({ kind: 'stats', stats: server.stats() });
    else void server.close().then(() => main.close());
  });
  tell({ kind: 'started', sip: server.sip, eventSocket: server.eventSocket });
} catch (error) {
  tell({ kind: 'refused', message: reasonOf(error) });
  main.close();
}

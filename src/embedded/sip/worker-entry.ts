/** The worker thread's side of `startSipWorker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { startSipServer } from './server.ts';
import { ListenError } from './transport/transports.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-protocol.ts';

if (!parentPort) throw new Error('worker-entry runs in a worker thread only');
const main = parentPort;
const tell = (message: FromWorker) => main.postMessage(message);

try {
  const options = workerData as WorkerOptions;
  const server = await startSipServer({ ...options, log: (...line) => tell({ kind: 'log', line }) });
  main.on('message', (asked: ToWorker) => {
    if (asked.kind === 'stats') {
      tell({ kind: 'stats', stats: server.stats() });
      return;
    }
    void server.close().then(() => {
      tell({ kind: 'closed' });
      main.close();
    });
  });
  tell({ kind: 'started', control: server.control, listening: server.listening });
} catch (error) {
  // Anything but an address that cannot be had is a defect, and ends the worker as one.
  if (!(error instanceof ListenError)) throw error;
  tell({ kind: 'refused', message: error.message, code: error.code, address: error.address });
}

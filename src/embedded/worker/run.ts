import { parentPort } from 'node:worker_threads';
import { watchEventLoop } from '../../event-loop.ts';
import { messageOf } from '../../message-of.ts';
import type { Log } from '../log.ts';
import type { FromWorker, Refusal, ToWorker } from './protocol.ts';

/** The worker thread's side of `startWorker`: starts the server, tells the facts of it, and does as it is told. */
export async function runWorker<Server extends { stats(): unknown; close(): Promise<void> }>(
  start: (log: Log) => Promise<Server>,
  facts: (server: Server) => object,
): Promise<void> {
  if (!parentPort) throw new Error('a worker entry runs in a worker thread only');
  const main = parentPort;
  const tell = (message: FromWorker<object, unknown>) => main.postMessage(message);
  try {
    const server = await start((...line) => tell({ kind: 'log', line }));
    const loop = watchEventLoop();
    loop.eachSecond((load) => tell({ kind: 'load', load }));
    main.on('message', (told: ToWorker) => {
      if (told.kind === 'stats') tell({ kind: 'stats', id: told.id, stats: server.stats() });
      else {
        loop.stop();
        void server.close().then(() => main.close());
      }
    });
    tell({ kind: 'started', facts: facts(server) });
  } catch (error) {
    tell({ kind: 'refused', ...refusalOf(error) });
    main.close();
  }
}

function refusalOf(error: unknown): Refusal {
  const known: object = error instanceof Error ? error : {};
  const code = 'code' in known ? { code: String(known.code) } : {};
  const address = 'address' in known ? { address: String(known.address) } : {};
  return { message: messageOf(error), ...code, ...address };
}

/** The loading thread: reads the journal's files up to what it is told is durable, and takes them to Postgres. */
import { parentPort, workerData } from 'node:worker_threads';
import { openRecords } from '../open-records.ts';
import { decodeBut } from '../journal/line.ts';
import { decodingReaderFrom } from '../journal/reader.ts';
import { tellOfCalls } from '../outbox/tell-of-calls.ts';
import type { LoadedJournal } from './loaded-journal.ts';
import type { LineFields, RecordsLog } from '../records-log.ts';
import { startLoader } from './loader.ts';
import type { SettledCall } from './settled-call.ts';
import type { FromThread, LoadOrder, ToThread } from './thread-messages.ts';

if (!parentPort) throw new Error('thread-entry runs in a worker thread only');
const main = parentPort;
const order = workerData as LoadOrder;
const tell = (message: FromThread) => main.postMessage(message);

let { snapshot, subscriptions } = order;
/** What these lines say, a killed switch closes its calls by; here they are counted. */
const withRouting = decodeBut(new Set(['answered', 'attempted', 'alive']));
const plain = decodeBut(new Set(['answered', 'attempted', 'alive', 'routed']));
/** Who is told of a connection is told what was learnt of the call on the way. */
const tellsOfRouting = () => subscriptions.some(({ events }) => events.includes('call.connected'));
const listeners = new Set<(what: 'healthy' | 'unhealthy' | 'flushed') => void>();
const journal: LoadedJournal = {
  id: order.journal,
  stats: () => snapshot.stats,
  reader: (fromSeq) => {
    const view = () => snapshot.view;
    const reader = decodingReaderFrom(fromSeq, view, (bytes) =>
      (tellsOfRouting() ? withRouting : plain)(bytes),
    );
    return {
      next: async (limit) => {
        const after = snapshot.stats.durableSeq;
        const batch = await reader.next(limit);
        for (const { segment } of batch.damage) tell({ kind: 'damaged', segment });
        if (batch.entries.length < limit) tell({ kind: 'wants', after });
        return batch;
      },
    };
  },
  watch: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  forget: (seq) => {
    tell({ kind: 'forget', seq });
    return Promise.resolve();
  },
};

const say =
  (level: 'info' | 'warn' | 'error') =>
  (fields: LineFields, message: string): void =>
    tell({ kind: 'log', level, fields, message });
const log: RecordsLog = { info: say('info'), warn: say('warn'), error: say('error') };

/** A statement of a full batch takes seconds; another switch's turn, where there are many, some more. */
const databasePatience = 60_000;

let settled: SettledCall[] = [];
let rejected: string[] = [];
const records = openRecords({ url: order.url, log, connections: 1, patience: databasePatience });
const loader = startLoader({
  journal,
  db: records.db,
  log,
  also: tellOfCalls(() => subscriptions),
  ...(order.toldUpTo === null ? {} : { toldUpTo: order.toldUpTo }),
  ...(order.longestPause === undefined ? {} : { longestPause: order.longestPause }),
  onSettled: (call) => settled.push(call),
  onRejected: (call) => rejected.push(call),
  onChange: (figures) => {
    tell({ kind: 'figures', figures, settled, rejected });
    settled = [];
    rejected = [];
  },
});

main.on('message', (told: ToThread) => {
  switch (told.kind) {
    case 'journal':
      ({ snapshot } = told);
      for (const listener of listeners) listener('flushed');
      return;
    case 'subscriptions':
      ({ subscriptions } = told);
      return;
    case 'stop':
      void stop();
  }
});

async function stop(): Promise<void> {
  await loader.stop();
  await records.close();
  main.close();
}

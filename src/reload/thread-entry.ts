/** The loading thread: reads and checks one config, sends it in parcels, and ends when they have been taken. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from '../config/load.ts';
import type { LoadResult, Problem } from '../config/config.ts';
import { withOverrides } from '../config/overrides.ts';
import { pack, transferable } from './parcels.ts';
import type { LoadOrder } from './load-in-thread.ts';

if (!parentPort) throw new Error('thread-entry runs in a worker thread only');
const main = parentPort;
const { file, data, parcels } = workerData as LoadOrder;
main.once('message', () => main.close());
for (const parcel of pack(await load())) parcels.postMessage(parcel, transferable(parcel));
main.postMessage('sent');

async function load(): Promise<LoadResult> {
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok) return loaded;
  const config = withOverrides(loaded.config, { data, env: process.env });
  if (config.ok) return { ...loaded, config: config.value };
  const { message, hint } = config;
  const above: Problem = { severity: 'error', file, path: '', line: null, column: null, message, hint };
  const { files, folders } = loaded.config;
  return { ok: false, problems: [above, ...loaded.problems], files, folders };
}

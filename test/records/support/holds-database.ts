/** Starts the database of a folder, prints its url, and holds it until its standard input says `stop` or it is killed. */
import { createInterface } from 'node:readline';
import { startDatabase } from '../../../src/embedded/database/database.ts';
import { quiet } from './quiet.ts';

const began = performance.now();
const database = await startDatabase({ dataDir: process.argv[2] ?? '', log: quiet });
process.stdout.write(`${JSON.stringify({ url: database.url, took: performance.now() - began })}\n`);
createInterface({ input: process.stdin }).once('line', () => {
  void database.stop().then(() => process.exit(0));
});

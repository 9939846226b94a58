/** Appends until it is killed, and prints the number of each event that it was told is durable. */
import { openJournal } from '../../../src/records/journal/journal.ts';
import { quiet } from './quiet.ts';

const journal = await openJournal({ dir: process.argv[2] ?? '', log: quiet, segmentBytes: 4000 });
for (let n = 1; ; n++) {
  const seq = journal.append({ type: 'answered', at: n, call: 'x'.repeat(n % 300) });
  if (n % 3 !== 0) continue;
  await journal.flushed(seq);
  process.stdout.write(`${seq}\n`);
}

/** What an outage of the database leaves in the journal, without the waiting: the calls that ended during it. */
import { join } from 'node:path';
import { openJournal } from '../../src/records/journal/journal.ts';
import { aCall, ended, offered } from '../../test/records/support/a-call.ts';
import { quiet } from '../../test/records/support/quiet.ts';

/** Of calls of this table; the switch must not run. Resolves to their Call-IDs once they are durable. */
export async function leaveBacklog(given: {
  readonly data: string;
  readonly table: string;
  readonly calls: number;
  readonly round: number;
}): Promise<readonly string[]> {
  const journal = await openJournal({ dir: join(given.data, 'journal'), log: quiet });
  const began = Date.now() - given.calls * 20;
  const callIds: string[] = [];
  for (let n = 0; n < given.calls; n++) {
    const sipCallId = `outage-${given.round}-${n}`;
    const record = aCall({
      ...{ call: `outage-${given.round}-${n}`, table: given.table, sipCallId, startedAt: began + n * 20 },
      // A few thousand callers, so that some of them called twice.
      ...{ from: `+1469555${String(n % 5000).padStart(4, '0')}`, talk: n % 3000 },
    });
    journal.append(offered(record));
    journal.append(ended(record));
    callIds.push(sipCallId);
  }
  await journal.flushed();
  await journal.close();
  return callIds;
}

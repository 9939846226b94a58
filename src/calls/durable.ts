import { within } from '../deadline.ts';
import type { Call } from './call.ts';
import type { Floor } from './floor.ts';

/** The disk answers within a millisecond. One that does not in this time hangs or is full: new calls are refused then. */
const journalWithin = 500;

/**
 * Waits until all that was written of this call is on disk: what follows costs somebody money. A caller who is already
 * there is not stranded by a disk: past the deadline the call goes on, and it is told.
 */
export async function durable(
  floor: Pick<Floor, 'journal' | 'events'>,
  call: Pick<Call, 'id'>,
): Promise<void> {
  const flushed = floor.journal.flushed().then(() => 'flushed' as const);
  const outcome = await within(journalWithin, flushed, 'late' as const);
  if (outcome === 'late') floor.events.journalLate(call.id);
}

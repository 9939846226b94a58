/** What the loader needs of a journal, and of its events. */
import type { JournalEvent } from '../events.ts';
import type { Journal } from '../journal/journal.ts';
import type { PassedOver } from '../journal/line.ts';
import type { Entry, JournalReader } from '../journal/reader.ts';

export interface LoadedJournal extends Pick<Journal, 'id' | 'stats' | 'watch' | 'forget'> {
  /** From the first event numbered `fromSeq` or more. What the loader needs no more of than its number may be passed over. */
  reader(fromSeq: number): JournalReader<LoadedEvent>;
}

export type LoadedEvent = JournalEvent | PassedOver;
export type LoadedEntry = Entry<LoadedEvent>;

/** The same whether it was parsed or passed over: what JSON.stringify wrote, it writes again. */
export const jsonOf = (event: LoadedEvent): string =>
  event.type === 'passed over' ? event.json.toString() : JSON.stringify(event);

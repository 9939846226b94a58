import type { Bidding } from '../bids/bidding.ts';
import type { Config } from '../config/config.ts';
import type { Media } from '../media/media.ts';
import type { JournalEvent } from '../records/events.ts';
import type { Signalling } from '../signalling/signalling.ts';
import type { Events } from '../events.ts';
import type { Carriers } from './carriers.ts';
import type { HeldNumbers } from '../routing/held.ts';
import type { Leases } from './counts/leases.ts';
import type { Overload } from './overload.ts';
import type { Performance } from './counts/performance.ts';
import type { Registry } from './registry.ts';
import type { Books } from './scope.ts';
import type { Settlements } from './settlements.ts';
import type { Table } from './table.ts';
import type { Tally } from './counts/tally.ts';
import type { Trunks } from './trunks/trunks.ts';
import type { UsageBook } from './counts/usage.ts';

/** All that a call needs of the switch around it. The composition root builds it; tests build it over fake ports. */
export interface Floor {
  readonly signalling: Signalling;
  readonly media: Media;
  /** `flushed` resolves once all that was appended is on disk: never, where the disk refuses. */
  readonly journal: { append(event: JournalEvent): void; flushed(): Promise<void> };
  readonly events: Events;
  readonly carriers: Carriers;
  readonly overload: Pick<Overload, 'refuses' | 'isOn'>;
  readonly registry: Registry;
  readonly usages: UsageBook;
  readonly leases: Leases;
  readonly tally: Tally;
  readonly performance: Performance;
  readonly settlements: Settlements;
  readonly trunks: Trunks;
  readonly bidding: Pick<Bidding, 'ask'>;
  readonly books: Books;
  readonly limits: Config['limits'];
  /** Where recordings go; absolute. */
  readonly recordings: string;
  /** The table of this instant. */
  table(): Table;
  /** Asked where the table has no such number. */
  readonly held: HeldNumbers;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that is never set. */
  monotonic(): number;
  dice(): number;
  /** Why no call is taken in now; null when all are. */
  closedFor(): 'draining' | 'journal_unwritable' | null;
}

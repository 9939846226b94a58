/** The floor that calls stand on in a running switch: real clocks, a real die, and the table of the instant. */
import type { Floor } from '../calls/floor.ts';
import type { Counters } from './counters.ts';
import type { CurrentConfig } from './current-config.ts';
import type { Ending } from './ending.ts';
import type { Engines } from '../engines.ts';
import type { HoldingsFeed } from '../publishers/holdings-feed.ts';
import type { Journal } from '../records/journal/journal.ts';

type AsTheyAre = Pick<
  Floor,
  'events' | 'carriers' | 'overload' | 'registry' | 'books' | 'trunks' | 'bidding' | 'recordings'
>;

interface Parts extends AsTheyAre {
  readonly engines: Pick<Engines, 'signalling' | 'media'>;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly holdings: Pick<HoldingsFeed, 'held'>;
  readonly current: CurrentConfig;
  readonly ending: Pick<Ending, 'isDraining'>;
}

export function floorOf(parts: Parts): Floor {
  const { engines, journal, counters, holdings, current, ending } = parts;
  const { events, carriers, overload, registry, books, trunks, bidding, recordings } = parts;
  return {
    ...{ events, carriers, overload, registry, books, trunks, bidding, recordings },
    signalling: engines.signalling,
    media: engines.media,
    journal: { append: (event) => void journal.append(event), flushed: () => journal.flushed() },
    usages: counters.usages,
    leases: counters.leases,
    tally: counters.tally,
    performance: counters.performance,
    settlements: counters.settlements,
    get limits() {
      return current.config.limits;
    },
    table: () => current.table,
    held: (number, at) => holdings.held(number, at),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    dice: () => Math.random(),
    closedFor: () => (ending.isDraining() ? 'draining' : journal.healthy ? null : 'journal_unwritable'),
  };
}

/** Who holds which number, as it changes; where that is not as the config says, and what the pools have left to give out. */
import { join } from 'node:path';
import type { CurrentConfig } from './current-config.ts';
import type { Events } from '../events.ts';
import type { Log } from '../log.ts';
import { startHoldingsFeed, type HoldingsFeed } from '../publishers/holdings-feed.ts';
import { watchStock } from '../publishers/pool-stock.ts';
import type { Records } from '../records/open-records.ts';
import type { Releases } from './releases.ts';
import { watchClashes, type ClashWatch } from './watch-clashes.ts';

export async function followHoldings(given: {
  readonly records: Records;
  /** The data directory: what is known outlives the process there. */
  readonly data: string;
  readonly current: CurrentConfig;
  readonly events: Events;
  readonly log: Log;
  readonly releases: Releases;
}): Promise<{ readonly holdings: HoldingsFeed; readonly clashes: Pick<ClashWatch, 'changed'> }> {
  const { records, data, current, events, log, releases } = given;
  const clashes = watchClashes({ db: records.db, given: () => current.config, events, log });
  releases.push(() => clashes.stop());
  const holdings = await startHoldingsFeed({
    ...{ url: records.url, log, now: () => Date.now() },
    file: join(data, 'holdings.json'),
    onHoldings: () => clashes.changed(),
  });
  releases.push(() => holdings.stop());
  releases.push(
    watchStock({
      ...{ db: records.db, given: () => current.config, now: () => new Date() },
      onStock: (stock) => events.poolStock(stock),
    }),
  );
  return { holdings, clashes };
}

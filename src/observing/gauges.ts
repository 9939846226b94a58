/** What the switch holds right now, as gauges: everything here must read 0 at rest, but for the links and the journal. */
import { statfs } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import type { Overload } from '../calls/overload.ts';
import type { EventLoop, Load } from '../event-loop.ts';
import { callGauges, type CallsWatched } from './call-gauges.ts';
import { engineGauges, type EnginesWatched } from './engine-gauges.ts';
import { metricsIn, type Reading } from './metrics.ts';
import { recordGauges, type RecordsWatched } from './record-gauges.ts';

interface LoadWatched {
  readonly overload: Pick<Overload, 'limit' | 'isStalled'>;
  /** Why no calls are taken; empty: they are. */
  readonly notReady: () => readonly string[];
  readonly loop: Pick<EventLoop, 'delay'>;
  /** Of the last second; null where that was too little to tell by. */
  readonly sipLoad: () => Load | null;
}

interface Watched extends CallsWatched, LoadWatched, RecordsWatched {
  readonly engines: EnginesWatched;
  /** The data directory. */
  readonly data: string;
}

export function exposeGauges(metrics: Registry, watched: Watched): void {
  callGauges(metrics, watched);
  loadGauges(metrics, watched);
  engineGauges(metrics, watched.engines);
  diskGauges(metrics, watched.data);
  recordGauges(metrics, watched);
}

function loadGauges(metrics: Registry, { overload, notReady, loop, sipLoad }: LoadWatched): void {
  const { read: gauge, readEach } = metricsIn(metrics);
  gauge('admission_limit', 'New calls a second that a busy switch takes; +Inf: as many as come', () =>
    overload.isStalled ? 0 : (overload.limit ?? Number.POSITIVE_INFINITY),
  );
  gauge(
    'sip_server_busy_ratio',
    'Share of the last second in which the SIP server had something to do',
    () => sipLoad()?.busy ?? 0,
  );
  gauge(
    'sip_server_delay_seconds',
    'How late the SIP server did what it was told, p99 of the last second',
    () => (sipLoad()?.delay ?? 0) / 1000,
  );
  gauge('ready', '1 while calls are taken, as /readyz says', () => (notReady().length === 0 ? 1 : 0));
  readEach(
    'event_loop_delay_seconds',
    'How late turns of the event loop came, in the last ten to twenty seconds',
    ['stat'],
    () => {
      const stats = Object.entries(loop.delay());
      return stats.map(([stat, ms]): Reading<'stat'> => [{ stat }, ms / 1000]);
    },
  );
}

function diskGauges(metrics: Registry, data: string): void {
  const { read: gauge } = metricsIn(metrics);
  const space = async (of: 'bavail' | 'blocks') => {
    const disk = await statfs(data);
    return disk[of] * disk.bsize;
  };
  gauge('data_free_bytes', 'Free space where the data directory is', () => space('bavail'));
  gauge('data_size_bytes', 'Size of the file system that the data directory is on', () => space('blocks'));
}

/** How far what calls came to is on its way: to the disk, to the database, to web servers; and what comes back from there. */
import type { Registry } from 'prom-client';
import { metricsIn } from './metrics.ts';

export interface RecordsWatched {
  readonly journal: {
    stats(): { lastSeq: number; durableSeq: number; segments: number };
    readonly healthy: boolean;
  };
  readonly loader: {
    stats(): { lag: number; lagSeconds: number; gaps: number; rejects: number; connected: boolean };
  };
  readonly holdings: {
    stats(): { connected: boolean; lagSeconds: number; holdings: number };
  };
  readonly webhooks: {
    figures(): { waiting: number; oldestSeconds: number; dead: number } | null;
  };
}

export function recordGauges(
  metrics: Registry,
  { journal, loader, holdings, webhooks }: RecordsWatched,
): void {
  const { read: gauge } = metricsIn(metrics);
  gauge('journal_healthy', '1 while the journal can be written', () => (journal.healthy ? 1 : 0));
  gauge('journal_last_seq', 'Number of the last event journalled', () => journal.stats().lastSeq);
  gauge('journal_not_durable', 'Events not yet on the disk', () => {
    const { lastSeq, durableSeq } = journal.stats();
    return lastSeq - durableSeq;
  });
  gauge('loader_lag', 'Events not yet in the database', () => loader.stats().lag);
  gauge('loader_lag_seconds', 'How long the oldest of them has waited', () => loader.stats().lagSeconds);
  gauge('loader_connected', '1 while the database answers', () => (loader.stats().connected ? 1 : 0));
  gauge('journal_gaps', 'Numbers missing in the journal: must read 0', () => loader.stats().gaps);
  gauge('loader_rejects', 'Events that the database refused: must read 0', () => loader.stats().rejects);

  gauge('holdings', 'Holdings of numbers that the switch knows', () => holdings.stats().holdings);
  gauge('holdings_connected', '1 while the switch hears at once who holds which number', () =>
    holdings.stats().connected ? 1 : 0,
  );
  gauge(
    'holdings_lag_seconds',
    'For how long a change of who holds which number may have been missed',
    () => holdings.stats().lagSeconds,
  );
  const figure = (of: 'waiting' | 'oldestSeconds' | 'dead') => () => webhooks.figures()?.[of] ?? Number.NaN;
  gauge('webhooks_waiting', 'Deliveries to web servers that are to be made', figure('waiting'));
  gauge('webhooks_oldest_seconds', 'How long the oldest of them has waited', figure('oldestSeconds'));
  gauge('webhooks_dead', 'Deliveries that were given up', figure('dead'));
}

/** What the switch holds right now, as gauges: everything here must read 0 at rest, but for the links and the journal. */
import { Gauge, type Registry } from 'prom-client';
import type { Overload } from './calls/overload.ts';
import type { Registry as Calls } from './calls/registry.ts';
import type { Books, Kind } from './calls/scope.ts';
import type { Engines } from './engines.ts';

export function exposeGauges(
  metrics: Registry,
  watched: {
    readonly calls: Calls;
    readonly books: Books;
    readonly overload: Pick<Overload, 'limit' | 'isStalled'>;
    readonly engines: Engines;
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
  },
): void {
  const { calls, books, overload, engines, journal, loader, holdings, webhooks } = watched;
  const gauge = (name: string, help: string, read: () => number | Promise<number>) => {
    new Gauge({
      name: `tollbridge_${name}`,
      help,
      registers: [metrics],
      async collect() {
        // An engine thread that cannot answer costs its own figures, not the whole scrape.
        this.set(await Promise.resolve(read()).catch(() => Number.NaN));
      },
    });
  };
  gauge('live_calls', 'Calls from their INVITE to their record', () => calls.size);
  const kinds: Readonly<Record<Kind, string>> = {
    leg: 'SIP legs that calls hold, dialling ones among them',
    endpoint: 'Media endpoints that calls hold',
    lease: "Slots held on buyers' concurrency and caps",
    timer: 'Timers that calls hold',
  };
  for (const [kind, help] of Object.entries(kinds) as [Kind, string][]) {
    gauge(`live_${kind}s`, help, () => books.held(kind));
  }

  gauge('admission_limit', 'New calls a second that a busy switch takes; +Inf: as many as come', () =>
    overload.isStalled ? 0 : (overload.limit ?? Number.POSITIVE_INFINITY),
  );
  gauge('signalling_up', '1 while linked to the SIP server', () => (engines.signalling.link.aborted ? 0 : 1));
  gauge('media_up', '1 while a media server is ready', () => (engines.media.ready ? 1 : 0));
  const { sip, rtp } = engines;
  if (sip) {
    gauge('sip_dialogs', 'Dialogs of the embedded SIP server', async () => (await sip.stats()).dialogs);
    gauge('sip_transactions', 'Transactions of the embedded SIP server', async () => {
      const { clientTransactions, serverTransactions } = await sip.stats();
      return clientTransactions + serverTransactions;
    });
    gauge(
      'sip_defects',
      'Faults of the embedded SIP server: must read 0',
      async () => (await sip.stats()).defects,
    );
    gauge('sip_malformed_total', 'Messages that were no SIP', async () => (await sip.stats()).malformed);
  }
  if (rtp) {
    gauge(
      'media_channels',
      'Channels of the embedded media server',
      async () => (await rtp.stats()).channels,
    );
    gauge(
      'rtp_sockets',
      'RTP sockets of the embedded media server',
      async () => (await rtp.stats()).rtpSockets,
    );
    gauge('rtp_late_packets_total', 'RTP packets sent late', async () => (await rtp.stats()).latePackets);
  }

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

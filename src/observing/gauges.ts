/** What the switch holds right now, as gauges: everything here must read 0 at rest, but for the links and the journal. */
import { statfs } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import { capsUsed, slotsHeld, type LimitsWatched } from '../calls/limits-used.ts';
import type { Overload } from '../calls/overload.ts';
import type { Registry as Calls } from '../calls/registry.ts';
import type { Books, Kind } from '../calls/scope.ts';
import type { Engines } from '../engines.ts';
import type { EventLoop } from '../event-loop.ts';
import { metricsIn, type Reading } from './metrics.ts';

export function exposeGauges(
  metrics: Registry,
  watched: {
    readonly calls: Pick<Calls, 'size'>;
    readonly books: Pick<Books, 'held'>;
    readonly overload: Pick<Overload, 'limit' | 'isStalled'>;
    readonly engines: {
      readonly signalling: Pick<Engines['signalling'], 'link'>;
      readonly media: Pick<Engines['media'], 'ready' | 'servers'>;
      readonly sip: Pick<NonNullable<Engines['sip']>, 'stats'> | null;
      readonly rtp: Pick<NonNullable<Engines['rtp']>, 'stats'> | null;
    };
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
    readonly floor: LimitsWatched;
    /** Why no calls are taken; empty: they are. */
    readonly notReady: () => readonly string[];
    readonly trace: { size(): { calls: number; characters: number } };
    readonly loop: Pick<EventLoop, 'delay'>;
    /** The data directory. */
    readonly data: string;
  },
): void {
  const {
    calls,
    books,
    overload,
    engines,
    journal,
    loader,
    holdings,
    webhooks,
    floor,
    notReady,
    trace,
    loop,
    data,
  } = watched;
  const { read: gauge, readEach, total } = metricsIn(metrics);
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
  gauge('ready', '1 while calls are taken, as /readyz says', () => (notReady().length === 0 ? 1 : 0));
  gauge('signalling_up', '1 while linked to the SIP server', () => (engines.signalling.link.aborted ? 0 : 1));
  gauge('media_up', '1 while a media server is ready', () => (engines.media.ready ? 1 : 0));
  const { sip, rtp } = engines;
  // Its address changes with each start where it is our own.
  const servers = () => engines.media.servers().map((one) => (rtp ? { ...one, name: 'embedded' } : one));
  readEach('media_server_up', '1 while this media server takes sessions', ['server'], () =>
    servers().map(
      ({ name, state }) => [{ server: name }, state === 'up' || state === 'slow' ? 1 : 0] as const,
    ),
  );
  readEach('media_server_sessions', 'Sessions on this media server', ['server'], () =>
    servers().map(({ name, sessions }) => [{ server: name }, sessions] as const),
  );
  if (sip) {
    gauge('sip_dialogs', 'Dialogs of the embedded SIP server', async () => (await sip.stats()).dialogs);
    gauge('sip_transactions', 'Transactions of the embedded SIP server', async () => {
      const { clientTransactions, serverTransactions } = await sip.stats();
      return clientTransactions + serverTransactions;
    });
    total(
      'sip_defects_total',
      'Faults of the embedded SIP server: must read 0',
      async () => (await sip.stats()).defects,
    );
    total('sip_malformed_total', 'Messages that were no SIP', async () => (await sip.stats()).malformed);
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
    total('rtp_late_packets_total', 'RTP packets sent late', async () => (await rtp.stats()).latePackets);
  }

  readEach('buyer_live_calls', 'Calls that hold one of its slots', ['buyer'], () => slotsHeld(floor));
  readEach('buyer_cap_used_ratio', 'Of the limit of a cap, how much is used', ['buyer', 'count', 'per'], () =>
    capsUsed(floor),
  );

  readEach(
    'event_loop_delay_seconds',
    'How late turns of the event loop came, in the last ten to twenty seconds',
    ['stat'],
    () => {
      const stats = Object.entries(loop.delay());
      return stats.map(([stat, ms]): Reading<'stat'> => [{ stat }, ms / 1000]);
    },
  );
  gauge('traced_calls', 'Calls whose SIP is kept, those turned away among them', () => trace.size().calls);
  gauge('traced_bytes', 'Size of the SIP that is kept', () => trace.size().characters);

  const space = async (of: 'bavail' | 'blocks') => {
    const disk = await statfs(data);
    return disk[of] * disk.bsize;
  };
  gauge('data_free_bytes', 'Free space where the data directory is', () => space('bavail'));
  gauge('data_size_bytes', 'Size of the file system that the data directory is on', () => space('blocks'));
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

/** The links to the engines, and what the embedded ones tell of themselves. */
import type { Registry } from 'prom-client';
import type { Engines } from '../engines.ts';
import { metricsIn } from './metrics.ts';

export interface EnginesWatched {
  readonly signalling: Pick<Engines['signalling'], 'link'>;
  readonly media: Pick<Engines['media'], 'ready' | 'servers'>;
  /** Null where the SIP server, or the media servers, are not embedded. */
  readonly sip: Pick<NonNullable<Engines['sip']>, 'stats'> | null;
  readonly rtp: Pick<NonNullable<Engines['rtp']>, 'stats'> | null;
}

export function engineGauges(metrics: Registry, { signalling, media, sip, rtp }: EnginesWatched): void {
  linkGauges(metrics, { signalling, media, rtp });
  if (sip) sipGauges(metrics, sip);
  if (rtp) rtpGauges(metrics, rtp);
}

function linkGauges(metrics: Registry, { signalling, media, rtp }: Omit<EnginesWatched, 'sip'>): void {
  const { read: gauge, readEach } = metricsIn(metrics);
  gauge('signalling_up', '1 while linked to the SIP server', () => (signalling.link.aborted ? 0 : 1));
  gauge('media_up', '1 while a media server is ready', () => (media.ready ? 1 : 0));
  // Its address changes with each start where it is our own.
  const servers = () => media.servers().map((one) => (rtp ? { ...one, name: 'embedded' } : one));
  readEach('media_server_up', '1 while this media server takes sessions', ['server'], () =>
    servers().map(
      ({ name, state }) => [{ server: name }, state === 'up' || state === 'slow' ? 1 : 0] as const,
    ),
  );
  readEach('media_server_sessions', 'Sessions on this media server', ['server'], () =>
    servers().map(({ name, sessions }) => [{ server: name }, sessions] as const),
  );
}

function sipGauges(metrics: Registry, sip: NonNullable<EnginesWatched['sip']>): void {
  const { read: gauge, total } = metricsIn(metrics);
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

function rtpGauges(metrics: Registry, rtp: NonNullable<EnginesWatched['rtp']>): void {
  const { read: gauge, total } = metricsIn(metrics);
  gauge('media_channels', 'Channels of the embedded media server', async () => (await rtp.stats()).channels);
  gauge(
    'rtp_sockets',
    'RTP sockets of the embedded media server',
    async () => (await rtp.stats()).rtpSockets,
  );
  total('rtp_late_packets_total', 'RTP packets sent late', async () => (await rtp.stats()).latePackets);
}

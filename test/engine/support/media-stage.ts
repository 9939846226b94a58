import { once } from 'node:events';
import Mrf from 'drachtio-fsmrf';
import Srf from 'drachtio-srf';
import { expect } from 'vitest';
import {
  startMediaServer,
  type MediaServer,
  type MediaServerOptions,
} from '../../../src/embedded/media/server.ts';
import { startSipServer, type SipServer } from '../../../src/embedded/sip/server.ts';
import { RtpPeer, type RtpPeerOptions } from '../../support/rtp-peer.ts';

export interface LogLine {
  level: string;
  event: string;
  fields: Record<string, unknown>;
}

/** The embedded media server, driven through the embedded SIP server by drachtio-srf and drachtio-fsmrf, both unchanged. */
export class MediaStage {
  readonly sip: SipServer;
  readonly media: MediaServer;
  readonly srf: Srf;
  readonly server: Mrf.MrfMediaServer;
  readonly log: LogLine[];
  readonly #peers: RtpPeer[] = [];

  private constructor(
    sip: SipServer,
    media: MediaServer,
    srf: Srf,
    server: Mrf.MrfMediaServer,
    log: LogLine[],
  ) {
    this.sip = sip;
    this.media = media;
    this.srf = srf;
    this.server = server;
    this.log = log;
  }

  static async open(options: Partial<MediaServerOptions> = {}): Promise<MediaStage> {
    const log: LogLine[] = [];
    const loopback = { host: '127.0.0.1', port: 0 };
    const sip = await startSipServer({
      listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
      control: loopback,
      secret: 'cymru',
    });
    const media = await startMediaServer({
      sip: loopback,
      eventSocket: loopback,
      secret: 'ClueCon',
      trust: sip.listening,
      rtp: { host: '127.0.0.1' },
      log: (level, event, fields) => log.push({ level, event, fields }),
      ...options,
    });
    const srf = new Srf();
    srf.on('error', () => undefined);
    void srf.connect({ ...sip.control, secret: 'cymru' });
    await once(srf, 'connect');
    const { host, port } = media.eventSocket;
    const server = await new Promise<Mrf.MrfMediaServer>((resolve, reject) => {
      new Mrf(srf).connect(
        { address: host, port, secret: 'ClueCon', listenAddress: '127.0.0.1' },
        (error, connected) => {
          if (connected === undefined) reject(error instanceof Error ? error : new Error(String(error)));
          else resolve(connected);
        },
      );
    });
    // modesl writes a command in two pieces: without this each waits 40 ms for a delayed ACK.
    server.conn.socket?.setNoDelay(true);
    server._server.server.prependListener('connection', (socket) => socket.setNoDelay(true));
    return new MediaStage(sip, media, srf, server, log);
  }

  async peer(options: RtpPeerOptions = {}): Promise<RtpPeer> {
    const peer = await RtpPeer.open(options);
    this.#peers.push(peer);
    return peer;
  }

  /** An endpoint that a peer is connected to. */
  async endpoint(options: RtpPeerOptions = {}): Promise<{ endpoint: Mrf.MrfEndpoint; peer: RtpPeer }> {
    const peer = await this.peer(options);
    const endpoint = await this.server.createEndpoint({ remoteSdp: peer.sdp() });
    peer.follow(endpoint.local.sdp);
    return { endpoint, peer };
  }

  /** The channel's variables, as `uuid_dump` tells them. */
  async variables(uuid: string): Promise<Record<string, string>> {
    await this.server.api(`uuid_set_media_stats ${uuid}`);
    const dump = await this.server.api(`uuid_dump ${uuid}`);
    return Object.fromEntries(
      dump
        .split('\n')
        .filter((line) => line.includes(': '))
        .map((line) => [
          line.slice(0, line.indexOf(': ')),
          decodeURIComponent(line.slice(line.indexOf(': ') + 2)),
        ]),
    );
  }

  /** Everything that channels held is given back. */
  async released(): Promise<void> {
    const zero = {
      channels: 0,
      rtpSockets: 0,
      eventSockets: 1,
      sipDialogs: 0,
      timers: 0,
      recordings: 0,
      defects: 0,
    };
    await expect.poll(() => this.media.stats(), { timeout: 10_000 }).toMatchObject(zero);
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.close()));
    this.server.disconnect();
    await this.media.close();
    this.srf.disconnect();
    await this.sip.close();
  }
}

/** Sends an INFO to the media server in the endpoint's dialog; the status of its answer. */
export async function info(
  endpoint: Mrf.MrfEndpoint,
  body: string,
  type = 'application/dtmf-relay',
): Promise<number> {
  return await new Promise((resolve, reject) => {
    const request = { method: 'INFO', headers: { 'Content-Type': type }, body };
    const answered = (error: unknown, response?: { status: number }) => {
      if (response === undefined) reject(error instanceof Error ? error : new Error(String(error)));
      else resolve(response.status);
    };
    endpoint.dialog!.request(request, answered);
  });
}

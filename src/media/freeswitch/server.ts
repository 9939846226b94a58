import Mrf from 'drachtio-fsmrf';
import { settleable, within } from '../../deadline.ts';
import type { Log } from '../../log.ts';
import type { Endpoint, Opened } from '../media.ts';
import { FreeswitchEndpoint } from './endpoint.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

const connectWithin = 3_000;
const openWithin = 5_000;
const backOff = { first: 250, most: 5_000 };

/**
 * One FreeSWITCH. A lost event socket is never mended by the library's own reconnect, after which replies reach the
 * wrong callers (drachtio-fsmrf #27, #47): the media server object is thrown away and made anew, with back-off.
 */
export class FreeswitchServer {
  readonly #mrf: Mrf;
  readonly #address: ServerAddress;
  readonly #log: Log;
  readonly #endpoints = new Set<FreeswitchEndpoint>();
  #server: Mrf.MrfMediaServer | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(srf: object, address: ServerAddress, log: Log) {
    this.#mrf = new Mrf(srf);
    this.#address = address;
    this.#log = log;
  }

  get ready(): boolean {
    return this.#server !== undefined;
  }

  has(endpoint: Endpoint): boolean {
    return endpoint instanceof FreeswitchEndpoint && this.#endpoints.has(endpoint);
  }

  /** Null once connected, or what is wrong, in words. */
  async connect(): Promise<string | null> {
    const { host, port, secret } = this.#address;
    const where = `FreeSWITCH at ${host}:${port}`;
    const connected = settleable<Mrf.MrfMediaServer | string>();
    // Without listenAddress fsmrf listens on the first outside address.
    const listenAddress = isLoopback(host) ? '127.0.0.1' : '0.0.0.0';
    this.#mrf.connect({ address: host, port, secret, listenAddress }, (error, server) => {
      connected.settle(
        server ?? `${where} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    const outcome = await within(
      connectWithin,
      connected.promise,
      `${where} did not answer within ${connectWithin / 1000} s: is the event socket's secret right, is the drachtio_mrf profile there?`,
      (late) => {
        if (typeof late !== 'string') late.disconnect();
      },
    );
    if (typeof outcome === 'string') return outcome;
    this.#use(outcome);
    return null;
  }

  async open(offer?: string): Promise<Opened> {
    const server = this.#server;
    if (!server) return { ok: false, reason: 'unavailable' };
    const opening = server.createEndpoint(offer === undefined ? {} : { remoteSdp: offer }).then(
      (endpoint) => ({ ok: true as const, endpoint: this.#own(endpoint, server) }),
      (error: unknown) => {
        const isCodec =
          typeof error === 'object' && error !== null && 'status' in error && error.status === 488;
        if (!isCodec) this.#log('warn', 'endpoint_refused', { error: String(error) });
        return {
          ok: false as const,
          reason: isCodec ? ('no_common_codec' as const) : ('unavailable' as const),
        };
      },
    );
    return within(openWithin, opening, { ok: false, reason: 'unavailable' } as const, (late) => {
      if (late.ok) void late.endpoint.close();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    await Promise.all([...this.#endpoints].map((endpoint) => endpoint.close()));
    this.#server?.disconnect();
    this.#server = undefined;
  }

  #use(server: Mrf.MrfMediaServer): void {
    // modesl writes a command in two socket writes: with Nagle's algorithm each waits 40 ms for a delayed ACK.
    server.conn.socket?.setNoDelay(true);
    server._server.server.prependListener('connection', (socket) => socket.setNoDelay(true));
    server.on('error', (error: unknown) => this.#log('warn', 'media_server_error', { error: String(error) }));
    server.once('end', () => this.#lost(server));
    this.#server = server;
  }

  #own(raw: Mrf.MrfEndpoint, server: Mrf.MrfMediaServer): FreeswitchEndpoint {
    const endpoint = new FreeswitchEndpoint(raw, server, this.#log);
    this.#endpoints.add(endpoint);
    void endpoint.ended.then(() => this.#endpoints.delete(endpoint));
    return endpoint;
  }

  #lost(server: Mrf.MrfMediaServer): void {
    if (this.#closing) return;
    this.#log('error', 'media_server_lost', { host: this.#address.host, port: this.#address.port });
    this.#server = undefined;
    server.disconnect();
    this.#reconnect(backOff.first);
  }

  #reconnect(delay: number): void {
    this.#retry = setTimeout(() => {
      void this.connect().then((problem) => {
        if (problem === null) this.#log('info', 'media_server_back', { host: this.#address.host });
        else if (!this.#closing) this.#reconnect(Math.min(delay * 2, backOff.most));
      });
    }, delay);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

import Mrf from 'drachtio-fsmrf';
import { settleable, within } from '../../deadline.ts';
import type { Log } from '../../log.ts';
import type { Endpoint, Opened } from '../media.ts';
import { FreeswitchEndpoint } from './endpoint.ts';
import { figuresEvent } from './figures.ts';
import { inviterFor } from './inviter.ts';
import { probeEventSocket, type ServerAddress } from './probe.ts';
import { messageOf } from '../../message-of.ts';

const connectWithin = 3_000;
const openWithin = 5_000;
/** For the `exit` to go out and the far end to close. */
const goodbyeWithin = 1_000;
const unavailable: Opened = { ok: false, reason: 'unavailable' };
const backOff = { first: 250, most: 5_000 };

/**
 * One FreeSWITCH. A lost event socket is never mended by the library's own reconnect, after which replies reach the
 * wrong callers (drachtio-fsmrf #27, #47): the media server object is thrown away and made anew, with back-off.
 */
export class FreeswitchServer {
  readonly #mrf: Mrf;
  readonly #address: ServerAddress;
  readonly #log: Log;
  /** By the channel's uuid, until its figures are told. */
  readonly #endpoints = new Map<string, FreeswitchEndpoint>();
  #server: Mrf.MrfMediaServer | undefined;
  #gone = settleable<Opened>();
  #retry: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(srf: object, address: ServerAddress, log: Log) {
    this.#mrf = new Mrf(inviterFor(srf));
    this.#address = address;
    this.#log = log;
  }

  get name(): string {
    return `${this.#address.host}:${this.#address.port}`;
  }

  get ready(): boolean {
    return this.#server !== undefined;
  }

  has(endpoint: Endpoint): boolean {
    return this.#endpoints.get(endpoint.id) === endpoint;
  }

  /** Null once connected, or what is wrong, in words. */
  async connect(): Promise<string | null> {
    const wrong = await probeEventSocket(this.#address);
    if (wrong !== null) return wrong;
    const server = await this.#control();
    if (typeof server === 'string') return server;
    if (this.#closing) {
      dismiss(server);
      return 'closing';
    }
    this.#use(server);
    return null;
  }

  /** Tries until it is there, or until `close`. */
  keepTrying(problem: string): void {
    this.#log('warn', 'media_server_missing', { problem });
    this.#reconnect(backOff.first);
  }

  async open(offer?: string): Promise<Opened> {
    const server = this.#server;
    if (!server) return unavailable;
    const opening = server.createEndpoint(offer === undefined ? {} : { remoteSdp: offer }).then(
      (endpoint) => this.#own(endpoint, server),
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
    return within(openWithin, Promise.race([opening, this.#gone.promise]), unavailable, (late) => {
      if (late.ok) void late.endpoint.close();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    if (this.#server) this.#forget(this.#server);
  }

  async #control(): Promise<Mrf.MrfMediaServer | string> {
    const { host, port, secret } = this.#address;
    const where = `FreeSWITCH at ${host}:${port}`;
    const connected = settleable<Mrf.MrfMediaServer | string>();
    let isOver = false;
    // Without listenAddress fsmrf listens on the first outside address.
    const listenAddress = isLoopback(host) ? '127.0.0.1' : '0.0.0.0';
    this.#mrf.connect({ address: host, port, secret, listenAddress }, (error, server) => {
      if (server && isOver) dismiss(server);
      isOver = true;
      const why = messageOf(error);
      connected.settle(server ?? `${where} cannot be used: ${why}`);
    });
    const late = `${where} did not answer within ${connectWithin / 1000} s`;
    const outcome = await within(connectWithin, connected.promise, late);
    isOver = true;
    return outcome;
  }

  #use(server: Mrf.MrfMediaServer): void {
    // modesl writes a command in two socket writes: with Nagle's algorithm each waits 40 ms for a delayed ACK.
    server.conn.socket?.setNoDelay(true);
    server._server.server.prependListener('connection', (socket) => socket.setNoDelay(true));
    server.on('error', (error: unknown) => this.#log('warn', 'media_server_error', { error: String(error) }));
    server.once('end', () => this.#lost(server));
    server.conn.on(`esl::event::${figuresEvent}::*`, (event) =>
      this.#endpoints.get(event.getHeader('Unique-ID') ?? '')?.hungUp(event),
    );
    server.conn.subscribe([figuresEvent]);
    this.#server = server;
    this.#gone = settleable();
  }

  #own(raw: Mrf.MrfEndpoint, server: Mrf.MrfMediaServer): Opened {
    const endpoint = new FreeswitchEndpoint(raw, server, this.#log);
    // Its server was lost while it was being made: nothing could be asked of it.
    if (server !== this.#server) {
      endpoint.lost();
      return unavailable;
    }
    this.#endpoints.set(endpoint.id, endpoint);
    void endpoint.figures.then(() => this.#endpoints.delete(endpoint.id));
    return { ok: true, endpoint };
  }

  #lost(server: Mrf.MrfMediaServer): void {
    if (this.#closing || server !== this.#server) return;
    this.#log('error', 'media_server_lost', { host: this.#address.host, port: this.#address.port });
    this.#forget(server);
    for (const endpoint of this.#endpoints.values()) endpoint.lost();
    this.#reconnect(backOff.first);
  }

  /** Who waits for an endpoint of it waits no longer; one that still arrives is released. */
  #forget(server: Mrf.MrfMediaServer): void {
    this.#server = undefined;
    this.#gone.settle(unavailable);
    dismiss(server);
  }

  #reconnect(delay: number): void {
    this.#retry = setTimeout(() => {
      void this.connect().then((problem) => {
        if (problem === null) this.#log('info', 'media_server_up', { host: this.#address.host });
        else if (!this.#closing) this.#reconnect(Math.min(delay * 2, backOff.most));
      });
    }, delay);
  }
}

/**
 * Ends a control connection for good. Where its socket broke by an error the library has set a timer to reconnect,
 * which heeds nothing: the connection that it would make is nobody's.
 */
function dismiss(server: Mrf.MrfMediaServer): void {
  const { conn } = server;
  const { socket } = conn;
  server.removeAllListeners();
  server.on('error', () => undefined);
  server.disconnect();
  if (conn.reconnectVars.retryTimer) clearTimeout(conn.reconnectVars.retryTimer);
  if (socket) setTimeout(() => socket.destroy(), goodbyeWithin).unref();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

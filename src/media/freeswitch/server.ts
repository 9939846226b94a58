import Mrf from 'drachtio-fsmrf';
import { isSdp } from '../../sdp/sdp-in-body.ts';
import { settleable, within } from '../../deadline.ts';
import type { Log } from '../../log.ts';
import type { Endpoint, MediaServerNow, Opened } from '../media.ts';
import type { Books } from './books.ts';
import type { Standing } from './choose.ts';
import { controlEventsIn, dismiss, openControl } from './control.ts';
import { FreeswitchEndpoint } from './endpoint.ts';
import { figuresEvent } from './figures.ts';
import { inviterFor } from './inviter.ts';
import { probeEventSocket, type ServerAddress } from './probe.ts';
import { lostAfter, type Status } from './health.ts';
import { channelsOn, ownerHeader, sweepOften } from './sweep.ts';
import type { Rhythm, ServerConfig, Surroundings } from './surroundings.ts';
import { watchServer } from './watch-server.ts';

/**
 * Sessions on their way at most before it is asked for no other caller: FreeSWITCH makes each in a thread of its own, and
 * those that pile up take the cores from all who are to end them. One is made within 100 ms.
 */
const mostOpening = 32;
/** One that says that it is full is asked for no session for so long. */
const restAfterRefusal = 2_000;

const openWithin = 5_000;
const unavailable: Opened = { ok: false, reason: 'unavailable' };
const backOff = { first: 250, most: 5_000 };

/**
 * One FreeSWITCH. A lost event socket is never mended by the library's own reconnect, after which replies reach the
 * wrong callers (drachtio-fsmrf #27, #47): the media server object is thrown away and made anew, with back-off.
 */
export class FreeswitchServer {
  readonly name: string;
  readonly #mrf: Mrf;
  readonly #owner: string;
  readonly #log: Log;
  readonly #rhythm: Rhythm;
  readonly #books: Books;
  /** By the channel's uuid, until its figures are told. */
  readonly #endpoints = new Map<string, FreeswitchEndpoint>();
  #config: ServerConfig;
  #server: Mrf.MrfMediaServer | undefined;
  #unwatch: () => void = () => undefined;
  /**
   * Who waits for an endpoint, to be told where the server is lost. Not one promise for all of them: what waited for it
   * would be held by it as long as the server is there.
   */
  readonly #waiting = new Set<(outcome: Opened) => void>();
  #retry: NodeJS.Timeout | undefined;
  /** Why it could not be connected to, as last logged: a try that fails likewise is not told again. */
  #problem: string | null = null;
  #closing = false;
  /** Endpoints that were asked for and are not there yet. */
  #opening = 0;
  #told: Status | null = null;
  /** Sessions there that were none of ours when it last told. */
  #others = 0;
  #isSlow = false;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #onEmpty: (() => void) | undefined;

  constructor(config: ServerConfig, { srf, owner, log, every, books }: Surroundings) {
    this.name = `${config.host}:${config.port}`;
    this.#mrf = new Mrf(inviterFor(srf));
    this.#config = config;
    this.#owner = owner;
    this.#log = log;
    this.#rhythm = every;
    this.#books = books;
  }

  get standing(): Standing {
    const { weight = 1 } = this.#config;
    return { state: this.#state, weight, sessions: this.#most, used: this.#others + this.#own };
  }

  get now(): MediaServerNow {
    const { state, sessions, used } = this.standing;
    return {
      name: this.name,
      state,
      sessions: used,
      free: sessions === null ? null : Math.max(0, sessions - used),
    };
  }

  get #state(): Standing['state'] {
    if (!this.#server) return 'down';
    if (this.#config.drain === true || this.#told?.takesSessions === false) return 'drained';
    if (performance.now() - this.#refusedAt < restAfterRefusal || this.#opening >= mostOpening) return 'full';
    if (this.#most !== null && this.#others + this.#own >= this.#most) return 'full';
    return this.#isSlow ? 'slow' : 'up';
  }

  get #own(): number {
    return this.#endpoints.size + this.#opening;
  }

  get #most(): number | null {
    const { sessions = null } = this.#config;
    if (this.#told === null) return sessions;
    return Math.min(sessions ?? this.#told.most, this.#told.most);
  }

  /** Another weight, number of sessions, or drained, from now on. Not another place or secret. */
  use(config: ServerConfig): void {
    this.#config = config;
  }

  isAt({ host, port, secret }: ServerAddress): boolean {
    const { host: ours, port: at, secret: with_ } = this.#config;
    return host === ours && port === at && secret === with_;
  }

  has(endpoint: Endpoint): boolean {
    return this.#endpoints.get(endpoint.id) === endpoint;
  }

  /** Null once connected, or what is wrong, in words. */
  async connect(): Promise<string | null> {
    const wrong = await probeEventSocket(this.#config);
    if (wrong !== null) return wrong;
    const server = await openControl(this.#mrf, this.#config, controlEventsIn(this.#log, this.name));
    if (typeof server === 'string') return server;
    server.on('error', (error: unknown) => this.#log('warn', 'media_server_error', { error: String(error) }));
    const shown = await channelsOn(server);
    // A channel that another server of ours is opening is on no books yet.
    const there = this.#books.opening > this.#opening ? new Set<string>() : shown;
    const isLost = !server.connected();
    if (isLost || this.#closing || this.#server) dismiss(server);
    else this.#use(server, there);
    if (isLost) return `FreeSWITCH at ${this.name} closed the connection`;
    return this.#closing ? 'closing' : null;
  }

  /** Tries until it is there, or until `close`. */
  keepTrying(problem: string): void {
    this.#missing(problem);
    this.#reconnect(backOff.first);
  }

  async open(offer?: string): Promise<Opened> {
    const server = this.#server;
    if (!server) return unavailable;
    // Anything but a session description has no business there: not even as the body of an INVITE.
    if (offer !== undefined && !isSdp(offer)) return { ok: false, reason: 'no_common_codec' };
    this.#opening++;
    this.#books.opens();
    const asked = {
      headers: { [ownerHeader]: this.#owner },
      ...(offer !== undefined && { remoteSdp: offer }),
    };
    const opening = server.createEndpoint(asked).then(
      (endpoint) => this.#take(endpoint, server),
      (error: unknown) => this.#refused(error),
    );
    const { promise: opened, settle } = settleable<Opened>();
    this.#waiting.add(settle);
    void opening.then((outcome) => {
      settle(outcome);
      this.#opening--;
      this.#books.opened();
      this.#mayBeEmpty();
    });
    const inTime = within(openWithin, opened, unavailable, (late) => {
      if (late.ok) void late.endpoint.close();
    });
    return inTime.finally(() => this.#waiting.delete(settle));
  }

  /** No new calls; closes once the last of those that it has is over. */
  retire(onClosed: () => void): void {
    this.#config = { ...this.#config, drain: true };
    this.#onEmpty = () => void this.close().then(onClosed);
    this.#mayBeEmpty();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    if (this.#server) this.#forget(this.#server);
  }

  #mayBeEmpty(): void {
    if (this.#own > 0 || this.#onEmpty === undefined) return;
    const done = this.#onEmpty;
    this.#onEmpty = undefined;
    done();
  }

  #refused(error: unknown): Opened {
    const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
    if (status === 488) return { ok: false, reason: 'no_common_codec' };
    if (status === 503) this.#refusedAt = performance.now();
    this.#log('warn', 'endpoint_refused', { server: this.name, error: String(error) });
    return unavailable;
  }

  #use(server: Mrf.MrfMediaServer, there: ReadonlySet<string>): void {
    server.once('end', () => this.#lost(server, 'its control connection ended'));
    server.conn.on(`esl::event::${figuresEvent}::*`, (event) =>
      this.#endpoints.get(event.getHeader('Unique-ID') ?? '')?.hungUp(event),
    );
    server.conn.events('plain', [figuresEvent]);
    this.#server = server;
    this.#told = null;
    this.#isSlow = false;
    this.#refusedAt = Number.NEGATIVE_INFINITY;
    const unwatch = watchServer(
      {
        ask: () => server.api('status'),
        onStatus: (status) => {
          this.#told = status;
          this.#others = Math.max(0, status.sessions - this.#own);
        },
        onPace: (isSlow) => {
          this.#isSlow = isSlow;
          this.#log(isSlow ? 'warn' : 'info', isSlow ? 'media_server_slow' : 'media_server_in_time', {
            server: this.name,
          });
        },
        onSilent: () => this.#lost(server, `it answered nothing within ${lostAfter / 1000} s`),
      },
      this.#rhythm.status,
    );
    // Pitfall: a channel that nobody has on the books lives for ever, and so does an endpoint whose BYE got lost.
    const tell = (event: string, fields: Record<string, unknown>) =>
      this.#log('warn', event, { server: this.name, ...fields });
    const swept = { server, owner: this.#owner, endpoints: this.#endpoints, books: this.#books, tell };
    const unsweep = sweepOften(swept, there, this.#rhythm.sweep);
    this.#unwatch = () => {
      unwatch();
      unsweep();
    };
  }

  #take(raw: Mrf.MrfEndpoint, server: Mrf.MrfMediaServer): Opened {
    const endpoint = new FreeswitchEndpoint(raw, server, this.#log);
    // Its server was lost while it was being made: nothing could be asked of it.
    if (server !== this.#server) {
      endpoint.lost();
      return unavailable;
    }
    this.#endpoints.set(endpoint.id, endpoint);
    this.#books.add(endpoint.id);
    void endpoint.figures.then(() => {
      this.#endpoints.delete(endpoint.id);
      this.#books.remove(endpoint.id);
      this.#mayBeEmpty();
    });
    return { ok: true, endpoint };
  }

  #lost(server: Mrf.MrfMediaServer, why: string): void {
    if (this.#closing || server !== this.#server) return;
    this.#log('error', 'media_server_lost', { server: this.name, why, endpoints: this.#endpoints.size });
    this.#forget(server);
    for (const endpoint of this.#endpoints.values()) endpoint.lost();
    this.#reconnect(backOff.first);
  }

  /** Who waits for an endpoint of it waits no longer; one that still arrives is released. */
  #forget(server: Mrf.MrfMediaServer): void {
    this.#server = undefined;
    this.#unwatch();
    for (const settle of this.#waiting) settle(unavailable);
    dismiss(server);
  }

  #reconnect(delay: number): void {
    this.#retry = setTimeout(() => {
      void this.connect().then((problem) => {
        if (this.#closing) return;
        if (problem === null) {
          this.#problem = null;
          this.#log('info', 'media_server_up', { server: this.name });
        } else {
          this.#missing(problem);
          this.#reconnect(Math.min(delay * 2, backOff.most));
        }
      });
    }, delay);
  }

  #missing(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log('warn', 'media_server_missing', { server: this.name, problem });
  }
}

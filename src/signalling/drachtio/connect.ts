import { settleable, within } from '../../deadline.ts';
import type { Load } from '../../event-loop.ts';
import type { Log } from '../../log.ts';
import type { Dialling, Destination, Offer, Signalling } from '../signalling.ts';
import { DrachtioDialling } from './dialling.ts';
import { DrachtioOffer } from './offer.ts';
import { answerOutsideCalls } from './outside-calls.ts';
import { probe } from './probe.ts';
import { Farewell } from './farewell.ts';
import { fitWire } from './fit-wire.ts';
import { guardWire } from './guard-wire.ts';
import { hearUpdates } from './hear-updates.ts';
import { InboundRoute } from './inbound-route.ts';
import { knock } from './knock.ts';
import { openSrf, type SrfAgent, type SrfConnection } from './srf.ts';
import { watchWire } from './watch-wire.ts';
import { sipStart, type ReportFrame } from './wire-frame.ts';
import { Link } from './link.ts';
import { LinkLoad } from './link-load.ts';

const connectWithin = 3_000;
/** The library's own back-off grows without bound. */
const longestPause = 3_000;
const goodbyeWithin = 1_000;

type ConnectedSignalling =
  | {
      readonly ok: true;
      readonly signalling: Signalling;
      readonly srf: object;
      /** From now on how busy the server is, as its link shows; whoever asks for it is to take it once a second. */
      readonly watchLoad: () => (own: Load) => Load | null;
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Connects to a drachtio server, the real one or the embedded one. `srf` is for the media side's connection alone,
 * which places its own INVITEs through it. Failing is told within 3 s, in words, and leaves nothing that retries.
 */
export async function connectSignalling(options: {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly log: Log;
  /** Told of each SIP message, received or sent, before anybody else is. */
  readonly onSip?: ((frame: ReportFrame) => void) | undefined;
}): Promise<ConnectedSignalling> {
  const { host, port, secret, log, onSip } = options;
  const where = `drachtio at ${host}:${port}`;
  const began = Date.now();
  const wrong = await knock({ host, port, secret });
  if (wrong !== null) return { ok: false, problem: wrong };

  const srf = openSrf();
  const first = settleable<{ ok: true; listening: string[] } | { ok: false; problem: string }>();
  // It is tried again every few seconds: what is wrong is told where it changes.
  let told: string | null = null;
  const tell = (error: string) => {
    if (error !== told) log('warn', 'signalling_link_error', { host, port, error });
    told = error;
  };
  srf.on('connect', (error: Error | null, hostports?: string) => {
    if (error) {
      tell('it refused the secret');
      first.settle({ ok: false, problem: `${where} refused the secret` });
    } else {
      told = null;
      first.settle({ ok: true, listening: (hostports ?? '').split(',').map((at) => at.replace('/', ':')) });
    }
  });
  srf.on('error', (error: Error) => {
    tell(error.message);
    first.settle({ ok: false, problem: `${where} cannot be reached: ${error.message}` });
  });
  srf.connect({ host, port, secret, reconnect: { retryMaxDelay: longestPause } });
  // Before the wire is guarded: what is seen for the trace alone may cost no link.
  if (onSip) {
    srf.app.client?.wp.prependListener('msg', (_socket, frame) => {
      if (sipStart(frame) !== -1) onSip(frame);
    });
  }
  const signalling = new DrachtioSignalling(srf, log);
  const left = connectWithin - (Date.now() - began);
  const outcome = await within(left, first.promise, {
    ok: false as const,
    problem: `${where} did not answer within ${connectWithin / 1000} s`,
  });
  if (!outcome.ok) {
    await signalling.close();
    return outcome;
  }
  signalling.listening.push(...outcome.listening);
  return { ok: true, signalling, srf, watchLoad: () => signalling.watchLoad() };
}

class DrachtioSignalling implements Signalling {
  readonly listening: string[] = [];
  readonly #srf: SrfConnection;
  readonly #agent: SrfAgent;
  readonly #inbound: InboundRoute;
  readonly #unwatch: () => void;
  #link = new Link();
  #takesCalls = () => true;
  #closing: Promise<void> | undefined;

  constructor(srf: SrfConnection, log: Log) {
    const { client: agent } = srf.app;
    if (!agent) throw new Error('drachtio-srf has not been told to connect');
    this.#srf = srf;
    this.#agent = agent;
    guardWire(agent.wp, log);
    fitWire(agent.wp, log);
    this.#unwatch = watchWire(agent.wp, log);
    const farewell = new Farewell(srf, agent, () => this.#link.answering);
    this.#inbound = new InboundRoute(agent, () => {
      if (!this.#link.isLost) return;
      this.#link = new Link();
      farewell.say();
      log('info', 'signalling_link_up');
    });
    answerOutsideCalls(srf, () => this.#takesCalls());
    hearUpdates(srf, agent);
    agent.wp.on('close', () => {
      if (this.#closing || this.#link.isLost) return;
      log('error', 'signalling_link_lost');
      this.#link.lose();
    });
  }

  watchLoad(): (own: Load) => Load | null {
    const load = new LinkLoad(this.#agent.wp);
    return (own) => load.take(own);
  }

  get link(): AbortSignal {
    return this.#link.signal;
  }

  get ready(): boolean {
    return !this.#link.isLost && this.#inbound.isStanding;
  }

  onInvite(take: (offer: Offer) => void): Promise<boolean> {
    this.#srf.invite((req, res) => {
      take(new DrachtioOffer(this.#srf, req, res, this.#link));
    });
    return this.#inbound.asked();
  }

  onProbe(takesCalls: () => boolean): void {
    this.#takesCalls = takesCalls;
  }

  dial(to: Destination): Dialling {
    return new DrachtioDialling(this.#srf, to, this.#link);
  }

  probe(uri: string): Promise<'up' | 'down'> {
    return probe(this.#srf, uri, this.#link);
  }

  close(): Promise<void> {
    this.#closing ??= this.#hangUp();
    return this.#closing;
  }

  async #hangUp(): Promise<void> {
    this.#unwatch();
    const { wp: wire, mapServer: up } = this.#agent;
    wire.closing = true;
    if (wire.reconnectVars.retryTimer) clearTimeout(wire.reconnectVars.retryTimer);
    if (wire.socket?.connecting) wire.socket.destroy();
    await Promise.all(
      [...up.keys()].map(async (socket) => {
        const closed = settleable<undefined>();
        socket.once('close', () => closed.settle(undefined));
        socket.end();
        await within(goodbyeWithin, closed.promise, undefined);
        socket.destroy();
      }),
    );
  }
}

/** Brings up what speaks SIP and RTP: the embedded engine in its worker threads, or links to real servers. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Config } from './config/config.ts';
import { startMediaWorker, type MediaWorker } from './embedded/media/worker.ts';
import { parseListenAddress } from './embedded/sip/listen-address.ts';
import type { Listening } from './embedded/sip/stack.ts';
import { startSipWorker, type SipWorker } from './embedded/sip/worker.ts';
import type { Load } from './event-loop.ts';
import type { Log } from './log.ts';
import { connectMedia } from './media/freeswitch/connect.ts';
import type { ServerConfig } from './media/freeswitch/surroundings.ts';
import type { Media } from './media/media.ts';
import { connectSignalling } from './signalling/drachtio/connect.ts';
import type { Signalling } from './signalling/signalling.ts';
import { messageOf } from './message-of.ts';

export interface Engines {
  readonly signalling: Signalling;
  readonly media: Media;
  /** `udp:127.0.0.1:5060`, one for each address that calls arrive on. */
  readonly listening: readonly string[];
  /** Null where the engine is not the embedded one. */
  readonly sip: SipWorker | null;
  readonly rtp: MediaWorker | null;
  /** What the SIP server goes through, whichever it is; null: it has said nothing, or has next to nothing to do. Asked once a second. */
  takeSipLoad(own: Load): Load | null;
  /** Resolves when a worker thread of the embedded engine died: the switch cannot go on. */
  readonly died: Promise<Error>;
  /** The media servers of another config: a reload adds, drains and takes away FreeSWITCHes. */
  use(engine: Config['engine']): void;
  close(): Promise<void>;
}

type EnginesUp =
  { readonly ok: true; readonly engines: Engines } | { readonly ok: false; readonly problem: string };

interface EngineSurroundings {
  /** The folder that they lie below. */
  readonly recordings: string;
  /** What marks the channels of this switch on a FreeSWITCH, in this life and the next. */
  readonly owner: string;
  readonly log: Log;
  /** Told of each SIP message, see `wire-frame.ts`. */
  readonly onSip?: (frame: string) => void;
}

/** What was started before a failure is closed again. */
export async function startEngines(
  config: Pick<Config, 'engine' | 'limits'>,
  { recordings, owner, log, onSip }: EngineSurroundings,
): Promise<EnginesUp> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  const fail = async (problem: string): Promise<EnginesUp> => {
    await close();
    return { ok: false, problem };
  };
  const { sip: sipEngine, media: mediaEngine } = config.engine;
  const secret = randomBytes(16).toString('hex');
  const loopback = { host: '127.0.0.1', port: 0 };

  let sip: SipWorker | null = null;
  let drachtio = sipEngine.kind === 'drachtio' ? sipEngine : { ...loopback, secret };
  if (sipEngine.kind === 'embedded') {
    const listen = mediaEngine.kind === 'embedded' ? withUdp(sipEngine.listen) : sipEngine.listen;
    const started = await startSipWorker({ listen, control: loopback, secret, tellsOwn: true, log }).catch(
      messageOf,
    );
    if (typeof started === 'string') return fail(`engine.listen: ${started}`);
    sip = started;
    closers.push(() => started.close());
    drachtio = { ...started.control, secret };
  }

  const linked = await connectSignalling({ ...drachtio, log, onSip });
  if (!linked.ok) return fail(linked.problem);
  const { signalling } = linked;
  closers.push(() => signalling.close());

  let rtp: MediaWorker | null = null;
  let servers: readonly ServerConfig[] = mediaEngine.kind === 'freeswitch' ? mediaEngine.servers : [];
  if (mediaEngine.kind === 'embedded') {
    const host = rtpHost(sipEngine.kind === 'embedded' ? sipEngine.listen : []);
    const started = await startMediaWorker({
      sip: loopback,
      eventSocket: loopback,
      secret,
      trust: sip?.listening ?? placesOf(signalling.listening),
      recordings,
      rtp: { host },
      // The default of a channel that nobody told otherwise: an endpoint is told its time-out once it is bridged.
      rtpTimeoutMs: config.limits.maxCall,
      log,
    }).catch(messageOf);
    if (typeof started === 'string') return fail(`the embedded media server: ${started}`);
    rtp = started;
    closers.push(() => started.close());
    servers = [{ ...started.eventSocket, secret }];
  }

  const reached = await connectMedia({ srf: linked.srf, servers, owner, log });
  if (!reached.ok) return fail(reached.problem);
  const { media } = reached;
  closers.push(() => media.close());

  const listening = sip
    ? sip.listening
        .slice(0, sipEngine.kind === 'embedded' ? sipEngine.listen.length : 0)
        .map(({ transport, host, port }) => `${transport}:${host}:${port}`)
    : signalling.listening;
  const died = Promise.race([sip?.failed, rtp?.failed].filter((failed) => failed !== undefined));
  const use: Engines['use'] = ({ media: next }) => {
    if (next.kind === 'freeswitch') media.use(next.servers);
  };
  const takeSipLoad = sip ? () => sip.takeLoad() : linked.watchLoad();
  return { ok: true, engines: { signalling, media, listening, sip, rtp, takeSipLoad, died, use, close } };
}

/** The media server is reached by UDP alone, from this machine: one that takes calls otherwise needs a socket for it. */
function withUdp(listen: readonly string[]): readonly string[] {
  return listen.some((one) => /^udp:[^[]/.test(one)) ? listen : [...listen, 'udp:127.0.0.1:0'];
}

/** What a drachtio server says that it listens on, by UDP. */
function placesOf(listening: readonly string[]): Listening[] {
  return listening
    .filter((one) => one.startsWith('udp:'))
    .map(parseListenAddress)
    .map(({ protocol, host, port }) => ({ transport: protocol, host, port }));
}

/** Where RTP is bound, and what SDP says: the address that calls arrive on, or this machine's own where that is all of them. */
function rtpHost(listen: readonly string[]): string {
  const host = /^[a-z]+:(.*):\d+$/.exec(listen[0] ?? '')?.[1] ?? '127.0.0.1';
  if (host !== '0.0.0.0') return host;
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}

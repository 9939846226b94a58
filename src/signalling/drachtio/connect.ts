import { setMaxListeners } from 'node:events';
import { settleable, within } from '../../deadline.ts';
import type { Log } from '../../log.ts';
import type { Dialling, Destination, Offer, Signalling } from '../signalling.ts';
import { DrachtioDialling } from './dialling.ts';
import { DrachtioOffer } from './offer.ts';
import { probe } from './probe.ts';
import { openSrf, type SrfConnection } from './srf.ts';

const connectWithin = 3_000;

export type ConnectedSignalling =
  | { readonly ok: true; readonly signalling: Signalling; readonly srf: object }
  | { readonly ok: false; readonly problem: string };

/**
 * Connects to a drachtio server, the real one or the embedded one. `srf` is for the media side's connection alone,
 * which places its own INVITEs through it. Failing is told within 3 s, in words.
 */
export async function connectSignalling(options: {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly log: Log;
}): Promise<ConnectedSignalling> {
  const { host, port, secret, log } = options;
  const srf = openSrf();
  const first = settleable<{ ok: true; listening: string[] } | { ok: false; problem: string }>();
  const where = `drachtio at ${host}:${port}`;
  srf.on('connect', (error: Error | null, hostports?: string) => {
    if (error) first.settle({ ok: false, problem: `${where} refused the secret` });
    else
      first.settle({ ok: true, listening: (hostports ?? '').split(',').map((at) => at.replace('/', ':')) });
  });
  srf.on('error', (error: Error) => {
    log('warn', 'signalling_link_error', { host, port, error: error.message });
    first.settle({ ok: false, problem: `${where} cannot be reached: ${error.message}` });
  });
  const signalling = new DrachtioSignalling(srf, log);
  srf.connect({ host, port, secret });
  const outcome = await within(connectWithin, first.promise, {
    ok: false as const,
    problem: `${where} did not answer within ${connectWithin / 1000} s`,
  });
  if (!outcome.ok) {
    if (srf.app.wp) srf.app.wp.closing = true;
    return outcome;
  }
  signalling.listening.push(...outcome.listening);
  return { ok: true, signalling, srf };
}

/** Every offer, attempt and leg listens to the link's end. */
function newLink(): AbortController {
  const link = new AbortController();
  setMaxListeners(0, link.signal);
  return link;
}

class DrachtioSignalling implements Signalling {
  readonly listening: string[] = [];
  readonly #srf: SrfConnection;
  readonly #log: Log;
  #link = newLink();
  #closing = false;

  constructor(srf: SrfConnection, log: Log) {
    this.#srf = srf;
    this.#log = log;
    srf.on('connect', (error: Error | null) => {
      if (!error && this.#link.signal.aborted) {
        this.#link = newLink();
        log('info', 'signalling_link_up');
      }
    });
    // Carriers ask by OPTIONS whether we are there; a refusal would take us out of their routes.
    srf.options((_req, res) => res.send(200, undefined, { headers: { Accept: 'application/sdp' } }));
    srf.on('close', () => {
      if (this.#closing || this.#link.signal.aborted) return;
      log('error', 'signalling_link_lost');
      this.#link.abort();
    });
  }

  get link(): AbortSignal {
    return this.#link.signal;
  }

  onInvite(take: (offer: Offer) => void): void {
    this.#srf.invite((req, res) => {
      take(new DrachtioOffer(this.#srf, req, res, this.link));
    });
  }

  dial(to: Destination): Dialling {
    return new DrachtioDialling(this.#srf, to, this.link);
  }

  probe(uri: string): Promise<'up' | 'down'> {
    return probe(this.#srf, uri);
  }

  close(): Promise<void> {
    if (this.#closing) return Promise.resolve();
    this.#closing = true;
    const closed = settleable<undefined>();
    this.#srf.once('close', () => closed.settle(undefined));
    try {
      this.#srf.disconnect();
    } catch (error) {
      // No socket: the link was down already.
      this.#log('debug', 'signalling_already_closed', { error: String(error) });
      closed.settle(undefined);
    }
    return within(2_000, closed.promise, undefined);
  }
}

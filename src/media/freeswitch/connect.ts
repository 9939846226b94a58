import type { Log } from '../../log.ts';
import type { Endpoint, Media, Opened } from '../media.ts';
import type { ServerAddress } from './probe.ts';
import { FreeswitchServer } from './server.ts';

export type ConnectedMedia =
  { readonly ok: true; readonly media: Media } | { readonly ok: false; readonly problem: string };

/**
 * Connects to the FreeSWITCHes, real or embedded. `srf` is the signalling side's connection, through which fsmrf
 * places the INVITE of each endpoint. At least one server must be there at the start; the others are retried.
 */
export async function connectMedia(options: {
  readonly srf: object;
  readonly servers: readonly ServerAddress[];
  readonly log: Log;
}): Promise<ConnectedMedia> {
  const servers = options.servers.map((address) => new FreeswitchServer(options.srf, address, options.log));
  const problems = await Promise.all(servers.map((server) => server.connect()));
  if (problems.every((problem) => problem !== null)) {
    await Promise.all(servers.map((server) => server.close()));
    return { ok: false, problem: problems.join('; ') };
  }
  servers.forEach((server, index) => {
    const problem = problems[index] ?? null;
    if (problem !== null) server.keepTrying(problem);
  });
  return { ok: true, media: new FreeswitchPool(servers) };
}

/** Endpoints in turn from the servers that are ready; the second end of a bridge on the server of the first. */
class FreeswitchPool implements Media {
  readonly #servers: readonly FreeswitchServer[];
  #next = 0;

  constructor(servers: readonly FreeswitchServer[]) {
    this.#servers = servers;
  }

  get ready(): boolean {
    return this.#servers.some((server) => server.ready);
  }

  get free(): number | null {
    return null;
  }

  get servers(): Media['servers'] {
    return this.#servers.map(({ name, ready }) => ({ server: name, up: ready }));
  }

  open(offer?: string, beside?: Endpoint): Promise<Opened> {
    const home = this.#servers.find((server) => beside !== undefined && server.has(beside));
    if (beside) return home ? home.open(offer) : Promise.resolve({ ok: false, reason: 'unavailable' });
    const ready = this.#servers.filter((server) => server.ready);
    const server = ready[this.#next++ % Math.max(1, ready.length)];
    return server ? server.open(offer) : Promise.resolve({ ok: false, reason: 'unavailable' });
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

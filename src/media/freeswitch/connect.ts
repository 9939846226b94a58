import { within } from '../../deadline.ts';
import { Books } from './books.ts';
import { FreeswitchPool } from './pool.ts';
import { FreeswitchServer } from './server.ts';
import { rhythm, type Rhythm, type ServerConfig, type Surroundings } from './surroundings.ts';

export type ConnectedMedia =
  { readonly ok: true; readonly media: FreeswitchPool } | { readonly ok: false; readonly problem: string };

/** Who starts a switch wants to know what is wrong while still looking. */
const connectWithin = 3_000;

/**
 * Connects to the FreeSWITCHes, real or embedded. At least one server must be there at the start; the others are
 * retried. Failing is told within 3 s.
 */
export async function connectMedia(
  options: Omit<Surroundings, 'every' | 'books'> & {
    readonly servers: readonly ServerConfig[];
    readonly every?: Rhythm;
  },
): Promise<ConnectedMedia> {
  const surroundings = { every: rhythm, books: new Books(), ...options };
  const servers = options.servers.map((config) => new FreeswitchServer(config, surroundings));
  const problems = await Promise.all(
    servers.map((server) => {
      const late = `FreeSWITCH at ${server.name} was not ready within ${connectWithin / 1000} s: try it again, or look at its load`;
      return within(connectWithin, server.connect(), late);
    }),
  );
  if (problems.every((problem) => problem !== null)) {
    await Promise.all(servers.map((server) => server.close()));
    return { ok: false, problem: problems.join('\n') };
  }
  servers.forEach((server, index) => {
    const problem = problems[index] ?? null;
    if (problem !== null) server.keepTrying(problem);
  });
  return { ok: true, media: new FreeswitchPool(servers, surroundings) };
}

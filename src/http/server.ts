/** What the switch tells over HTTP: metrics for Prometheus, health for supervisors; to who has the token, its API. */
import { timingSafeEqual } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Registry as Metrics } from 'prom-client';
import type { LiveCall } from '../calls/registry.ts';
import type { Snapshot, SnapshotQuery } from '../calls/snapshot.ts';
import type { Reloaded } from '../reload/reload.ts';
import { crossSite } from './cross-site.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Null: the API is open to whoever reaches the address, web pages aside. */
  readonly token: string | null;
  readonly metrics: Metrics;
  readonly liveCalls: () => readonly LiveCall[];
  /** Looks at the config again. */
  readonly reload: () => Promise<Reloaded>;
  /** What a decision would read of the world now; null where the switch has no such campaign. */
  readonly world: (call: SnapshotQuery) => Snapshot | null;
  /** Why the switch takes no calls now; empty when it does. */
  readonly notReady: () => readonly string[];
}

export type Listening =
  | { readonly ok: true; readonly url: string; readonly close: () => Promise<void> }
  | { readonly ok: false; readonly problem: string };

export async function listen(options: HttpOptions): Promise<Listening> {
  const server = fastify({ forceCloseConnections: true });
  server.addHook('onRequest', async (_request, reply) => {
    // Nothing here is for a page of another site, nor is it anything but what it says it is.
    reply.header('Cross-Origin-Resource-Policy', 'same-origin').header('X-Content-Type-Options', 'nosniff');
  });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) => {
    const reasons = options.notReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  server.get('/metrics', async (_request, reply) => {
    reply.type(options.metrics.contentType);
    return options.metrics.metrics();
  });
  void server.register((api: FastifyInstance, _options, done) => {
    api.addHook('onRequest', async (request, reply) => {
      if (options.token === null) {
        const foreign = crossSite(request.headers);
        if (foreign !== null) await reply.code(403).send({ error: foreign });
      } else if (!bears(request, options.token)) {
        await reply.code(401).header('WWW-Authenticate', 'Bearer').send({ error: 'a token is needed' });
      }
    });
    api.get('/api/v1/calls/live', () => options.liveCalls());
    api.post('/api/v1/reload', async (_request, reply) => {
      const result = await options.reload();
      return reply.code(result.ok ? 200 : 422).send(result);
    });
    api.get<{ Querystring: WorldQuery }>('/api/v1/world', { schema: worldSchema }, (request, reply) => {
      const { campaign, publisher = '', caller = null } = request.query;
      const world = options.world({ campaign, publisher, caller });
      return world ?? reply.code(404).send({ error: `the switch has no campaign ${campaign}` });
    });
    done();
  });
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    await server.close();
    const why =
      error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? 'is in use' : String(error);
    return { ok: false, problem: `http.listen: ${options.host}:${options.port} ${why}` };
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { ok: true, url: `http://${host}:${port}`, close: () => server.close() };
}

interface WorldQuery {
  readonly campaign: string;
  readonly publisher?: string;
  /** E.164; not there where withheld. */
  readonly caller?: string;
}

const short = { type: 'string', maxLength: 128 };
const worldSchema = {
  querystring: {
    type: 'object',
    required: ['campaign'],
    properties: { campaign: short, publisher: short, caller: short },
  },
};

function bears(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

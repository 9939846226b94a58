/** What the switch tells over HTTP: metrics for Prometheus, health for supervisors; to who has a token, its API. */
import { fastify } from 'fastify';
import type { Registry as Metrics } from 'prom-client';
import { apiRoutes, type ApiOptions } from './api-routes.ts';
import { answerInProblems } from './problem.ts';
import { pageRoutes } from './routes/pages.ts';
import { visitScript } from './routes/visits.ts';

export interface HttpOptions extends ApiOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** Why a supervisor should start the process anew; empty where it is sound. */
  readonly unsound: () => Promise<readonly string[]>;
  /** Why the switch takes no calls now; empty when it does. */
  readonly notReady: () => readonly string[];
  /** A request failed by a fault of ours. */
  readonly onDefect: (error: unknown) => void;
}

export type Listening =
  | { readonly ok: true; readonly url: string; readonly close: () => Promise<void> }
  | { readonly ok: false; readonly problem: string };

/** What anybody says of a call fits in a tenth of this. */
const longestBody = 65_536;

export async function listen(options: HttpOptions): Promise<Listening> {
  const server = fastify({
    forceCloseConnections: true,
    bodyLimit: longestBody,
  });
  answerInProblems(server, options.onDefect);
  server.addHook('onRequest', async (_request, reply) => {
    // Nothing here is for a page of another site, nor is it anything but what it says it is.
    reply.header('Cross-Origin-Resource-Policy', 'same-origin').header('X-Content-Type-Options', 'nosniff');
  });
  server.get('/healthz', async (_request, reply) => {
    const reasons = await options.unsound();
    if (reasons.length === 0) return { status: 'ok' };
    return reply.code(503).send({ status: 'unsound', reasons });
  });
  server.get('/readyz', (_request, reply) => {
    const reasons = options.notReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  server.get('/metrics', async (_request, reply) => {
    reply.type(options.metrics.contentType);
    return options.metrics.metrics();
  });
  void server.register(pageRoutes);
  visitScript(server);
  void server.register(apiRoutes(options), { prefix: '/api/v1' });
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    await server.close();
    return { ok: false, problem: `http.listen: ${options.host}:${options.port}: ${adviceOn(error)}` };
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { ok: true, url: `http://${host}:${port}`, close: () => server.close() };
}

/** What to do about an address that cannot be had. */
function adviceOn(error: unknown): string {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'EADDRINUSE':
      return 'another program uses this port; stop it or choose another port';
    case 'EADDRNOTAVAIL':
      return 'no interface of this machine has this address; choose one that it has, or 0.0.0.0';
    case 'EACCES':
      return 'this port needs more rights; choose one from 1024 up';
    default:
      return String(error);
  }
}

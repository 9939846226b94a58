/** The API under /api/v1: who asks is known before anything is looked at. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { knownTokens, type Asker, type NobodyKnown, type Tokens } from './bearer.ts';
import { crossSite } from './cross-site.ts';
import { refuseWith } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request that reaches a route of the API. */
    asker: Asker;
  }
}

/** `tokens` is asked for each request: a reload may have brought others. */
export function guard(api: FastifyInstance, tokens: () => Tokens): void {
  api.decorateRequest('asker');
  let known: { readonly of: Tokens; readonly who: ReturnType<typeof knownTokens> } | null = null;
  const who = (request: FastifyRequest): Asker | NobodyKnown => {
    const now = tokens();
    if (known?.of.buyers !== now.buyers || known.of.network !== now.network)
      known = { of: now, who: knownTokens(now) };
    return known.who(request);
  };
  api.addHook('onRequest', async (request, reply) => {
    const detail = crossSite(request.headers, tokens().network !== null);
    if (detail !== null) return refuseWith(reply, { status: 403, reason: 'cross_site', detail });
    const asker = who(request);
    if (typeof asker === 'string') {
      void reply.header('WWW-Authenticate', 'Bearer');
      return refuseWith(reply, { status: 401, reason: asker, detail: unknownAsker[asker] });
    }
    request.asker = asker;
    return undefined;
  });
}

const unknownAsker: Readonly<Record<NobodyKnown, string>> = {
  no_token: 'a token is needed',
  wrong_token: 'this token is not known',
};

/** For routes that are not for buyers. */
export async function networkOnly(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (request.asker.kind === 'network') return undefined;
  const detail = 'this is for the network alone, not for buyers';
  return refuseWith(reply, { status: 403, reason: 'network_only', detail });
}

/** Who asks is known before anything is looked at; so is whether they ask too often, from where, and for what is theirs. */
import cookies from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokenHash } from '../records/api/tokens.ts';
import { refuseAccess, type Access } from './access.ts';
import type { Api } from './api.ts';
import { anybody, bearerToken, type Asker, type KnownBy, type NobodyKnown } from './bearer.ts';
import { crossSite, isOfThisPage } from './cross-site.ts';
import { refuseWith } from './problem.ts';
import type { Sessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request that reaches a route that is not for anyone. */
    asker: Asker;
    /** The hash of the token that was brought, or that the session stands for; null where there was none. */
    tokenHash: string | null;
    /** The id of the session that stood for the token; null where the token itself was brought, or none. */
    session: string | null;
  }
}

export interface Guarding {
  readonly askerBy: KnownBy;
  readonly sessions: Sessions;
  /** False: the API is open to whoever reaches the address. */
  readonly asksForToken: () => boolean;
  /** Requests a minute. */
  readonly rate: { readonly token: number; readonly address: number };
}

export const sessionCookie = 'tollbridge_session';
/** A page of another site cannot send it without asking first, and is told no. */
export const pageHeader = 'x-tollbridge';

const minute = 60_000;
const unsafe = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

export async function guard(api: Api, guarding: Guarding): Promise<void> {
  const { askerBy, sessions, asksForToken, rate } = guarding;
  await api.register(cookies);
  await api.register(rateLimit, { global: false });
  const ofAddress = api.createRateLimit({
    max: rate.address,
    timeWindow: minute,
    keyGenerator: ({ ip }) => ip,
  });
  const ofToken = api.createRateLimit({
    max: rate.token,
    timeWindow: minute,
    keyGenerator: ({ asker }) => asker.id,
  });
  api.decorateRequest('asker');
  api.decorateRequest('tokenHash', null);
  api.decorateRequest('session', null);
  api.addHook('onRoute', ({ url, config }) => {
    if (config?.access === undefined) throw new Error(`${url} does not say for whom it is`);
  });

  api.addHook('onRequest', async (request, reply) => {
    if (await isTooOften(reply, ofAddress(request))) return reply;
    const access: Access = request.routeOptions.config.access ?? [];
    if (access === 'any_site') return undefined;
    const detail = crossSite(request.headers, asksForToken());
    if (detail !== null) return refuseWith(reply, { status: 403, reason: 'cross_site', detail });

    const bearer = bearerToken(request.headers);
    const session = bearer === undefined ? request.cookies[sessionCookie] : undefined;
    request.tokenHash =
      bearer !== undefined ? tokenHash(bearer) : session !== undefined ? sessions.tokenOf(session) : null;
    request.session = session ?? null;
    if (access === 'anyone') return undefined;
    const asker = await askerOf(request);
    if (typeof asker === 'string') return refuseUnknown(reply, asker);
    request.asker = asker;
    if (await isTooOften(reply, ofToken(request))) return reply;
    if (session !== undefined && unsafe(request.method) && !isOfThisPage(request.headers, pageHeader)) {
      const needed = `who is logged in by cookie may change things from this site's pages alone, with ${pageHeader}`;
      return refuseWith(reply, { status: 403, reason: 'cross_site', detail: needed });
    }
    return access.includes(asker.kind) ? undefined : refuseAccess(reply, asker);
  });

  /** A token that is brought must be known, where none is asked for, too: it may be narrower than none. */
  async function askerOf({ tokenHash, headers }: FastifyRequest): Promise<Asker | NobodyKnown> {
    if (tokenHash !== null) return (await askerBy(tokenHash)) ?? 'wrong_token';
    return headers.authorization !== undefined || asksForToken() ? 'no_token' : anybody;
  }
}

export function refuseUnknown(reply: FastifyReply, reason: NobodyKnown): FastifyReply {
  void reply.header('WWW-Authenticate', 'Bearer');
  return refuseWith(reply, { status: 401, reason, detail: unknownAsker[reason] });
}

const unknownAsker: Readonly<Record<NobodyKnown, string>> = {
  no_token: 'a token is needed',
  wrong_token: 'this token is not known',
};

type Checked = Awaited<ReturnType<ReturnType<Api['createRateLimit']>>>;

/** Answers 429 where it is. */
async function isTooOften(reply: FastifyReply, checked: Promise<Checked>): Promise<boolean> {
  const rate = await checked;
  if (rate.isAllowed || !rate.isExceeded) return false;
  void reply.header('Retry-After', String(Math.max(1, rate.ttlInSeconds)));
  const detail = `more than ${rate.max} requests a minute: ask again in ${rate.ttlInSeconds} s`;
  refuseWith(reply, { status: 429, reason: 'too_many_requests', detail });
  return true;
}

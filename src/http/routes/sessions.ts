/** Logging in with a browser: a token becomes a cookie that no script can read. */
import { z } from 'zod';
import type { FastifyRequest } from 'fastify';
import { tokenHash } from '../../records/api/tokens.ts';
import { anyone, whoeverIsKnown } from '../access.ts';
import type { Api } from '../api.ts';
import type { Asker, KnownBy } from '../bearer.ts';
import { pageHeader, refuseUnknown, sessionCookie } from '../guard.ts';
import { isOfThisPage } from '../cross-site.ts';
import { refuseWith } from '../problem.ts';
import { answers } from '../schemas.ts';
import type { Sessions } from '../sessions.ts';

interface SessionRoutes {
  readonly sessions: Sessions;
  readonly askerBy: KnownBy;
  readonly network: () => { readonly name: string; readonly timezone: string; readonly currency: string };
}

export function sessionRoutes(api: Api, { sessions, askerBy, network }: SessionRoutes): void {
  api.post('/session', { config: anyone, schema: opening }, async (request, reply) => {
    const hash = tokenHash(request.body.token);
    const asker = await askerBy(hash);
    if (asker === null) return refuseUnknown(reply, 'wrong_token');
    if (asker.kind === 'buyer') {
      const detail = 'there are no pages for buyers yet';
      return refuseWith(reply, { status: 403, reason: 'no_pages', detail });
    }
    const secure = isSecure(request);
    // Whoever was logged in with this browser before is no more.
    const before = request.cookies[sessionCookie];
    if (before !== undefined) sessions.close(before);
    void reply.setCookie(sessionCookie, sessions.open(hash), {
      ...{ httpOnly: true, sameSite: 'strict', secure, path: '/' },
    });
    return reply.code(201).send(viewOf(asker, network()));
  });

  api.get('/session', { config: whoeverIsKnown, schema: showing }, ({ asker }) => viewOf(asker, network()));

  api.delete('/session', { config: anyone, schema: closing }, (request, reply) => {
    const id = request.cookies[sessionCookie];
    if (id !== undefined && !isOfThisPage(request.headers, pageHeader)) {
      const detail = `a session is ended from this site's pages alone, with ${pageHeader}`;
      return refuseWith(reply, { status: 403, reason: 'cross_site', detail });
    }
    if (id !== undefined) sessions.close(id);
    return reply.clearCookie(sessionCookie, { path: '/' }).code(204).send();
  });
}

/** As a proxy in front says; all that hangs on it is whether the browser keeps the cookie from plain HTTP. */
const isSecure = ({ protocol, headers }: FastifyRequest): boolean =>
  protocol === 'https' || headers['x-forwarded-proto'] === 'https';

function viewOf(asker: Asker, { name, timezone, currency }: ReturnType<SessionRoutes['network']>) {
  return {
    role: asker.kind === 'network' ? ('admin' as const) : asker.kind,
    publisher: asker.kind === 'publisher' ? asker.publisher : null,
    label: asker.label,
    ...{ network: name, timezone, currency },
  };
}

const tags = ['session'];
const session = z.object({
  role: z.enum(['admin', 'publisher', 'buyer']),
  publisher: z.string().nullable(),
  label: z.string(),
  ...{ network: z.string(), timezone: z.string(), currency: z.string() },
});

const opening = {
  ...{ operationId: 'logIn', summary: 'Log in: the answer sets a cookie', tags },
  body: z.strictObject({ token: z.string().min(1).max(500) }),
  ...answers({ 201: session }),
};
const showing = {
  ...{ operationId: 'whoAmI', summary: 'Who asks', tags },
  ...answers({ 200: session }),
};
const closing = {
  ...{ operationId: 'logOut', summary: 'Log out', tags },
  ...answers({ 204: z.null() }),
};

/**
 * A visitor's number for a page of a publisher, whose own site it is on: the one door of the API that pages of other sites
 * may use, by a key that is public, from the origins of that key alone. And the script that such a page loads.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Lent, VisitAsked } from '../../publishers/lend.ts';
import type { Access } from '../access.ts';
import type { Api } from '../api.ts';
import { packageRoot } from '../package-root.ts';
import { refuseWith } from '../problem.ts';
import { answers, short } from '../schemas.ts';

export interface VisitRoutes {
  /** Rejects where the records cannot be asked. */
  readonly lend: (asked: VisitAsked) => Promise<Lent>;
}

const anySite: { readonly access: Access } = { access: 'any_site' };

export function visitRoutes(api: Api, { lend }: VisitRoutes): void {
  // Which origins may ask is a matter of the key, which a browser sends only when it may.
  api.options('/visits', { config: anySite, schema: { hide: true } }, (request, reply) => {
    allow(reply, request.headers.origin)
      .headers({ 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Allow-Headers': 'Content-Type' })
      .header('Access-Control-Max-Age', '86400');
    return reply.code(204).send();
  });
  api.post(
    '/visits',
    { config: anySite, schema: visiting, bodyLimit: longestVisit },
    async (request, reply) => {
      void reply.header('Cache-Control', 'no-store');
      const { origin } = request.headers;
      if (origin === undefined)
        return refuse(reply, 'unknown_key', 'this key is for pages, which tell their origin');
      const lent = await lend({ ...request.body, origin });
      if (!lent.ok && lent.reason === 'unknown_key') return refuse(reply, lent.reason, lent.message);
      allow(reply, origin);
      if (!lent.ok) return refuse(reply, lent.reason, lent.message);
      const { number, use, until } = lent;
      return { number, display: display(number), use, until: until?.toISOString() ?? null };
    },
  );
}

/** Under an address of its own, which pages of publishers have in them for years. */
export function visitScript(server: FastifyInstance): void {
  const script = readFileSync(join(packageRoot(import.meta.dirname), 'pages/numbers.js'), 'utf8');
  server.get('/v1/numbers.js', (_request, reply) =>
    reply
      .type('text/javascript; charset=utf-8')
      .headers({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'public, max-age=3600' })
      .send(script),
  );
}

/** As people write it, where it is of the North American plan. */
const display = (number: string) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3');

/** All that `mostTags` tags of `longestTag` characters can be, escaped. */
const longestVisit = 32_768;

function allow(reply: FastifyReply, origin: string | undefined): FastifyReply {
  void reply.header('Vary', 'Origin').header('Cross-Origin-Resource-Policy', 'cross-origin');
  return origin === undefined ? reply : reply.header('Access-Control-Allow-Origin', origin);
}

const statuses = { unknown_key: 403, bad_visit: 422, bad_tags: 422, no_number: 404 } as const;

const refuse = (reply: FastifyReply, reason: keyof typeof statuses, detail: string) =>
  refuseWith(reply, { status: statuses[reason], reason, detail });

const visiting = {
  ...{ operationId: 'lendNumber', summary: 'A number for a visit of a publisher’s page', tags: ['visits'] },
  body: z.strictObject({
    key: short.describe('Of the page: public, and good for its origins alone'),
    visit: short.describe('The page’s name for the visit: 16 to 64 letters, digits, - and _'),
    tags: z.record(short, z.string()).default({}).describe('Calls to the number carry them as tag.NAME'),
  }),
  ...answers({
    200: z.object({
      number: z.string().describe('E.164'),
      display: z.string().describe('As people write it'),
      use: z.enum(['lent', 'fixed']).describe('lent to this visit, or the source’s own'),
      until: z.string().nullable().describe('Lent until then, unless it is asked for again'),
    }),
  }),
};

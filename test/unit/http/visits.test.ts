/** The door for pages of other sites: what a browser there may ask, and read. */
import { fastify } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { typed } from '../../../src/http/api.ts';
import { visitRoutes, visitScript } from '../../../src/http/routes/visits.ts';
import type { Lent, VisitAsked } from '../../../src/publishers/lend.ts';

const origin = 'https://offers.example';
const lent: Lent = { ok: true, number: '+18005550150', use: 'lent', until: new Date(0) };

function door(answer: Lent) {
  const asked: VisitAsked[] = [];
  const server = fastify();
  onTestFinished(() => server.close());
  visitScript(server);
  visitRoutes(typed(server), {
    lend: (visit) => {
      asked.push(visit);
      return Promise.resolve(answer);
    },
  });
  const payload = { key: 'page_1', visit: 'visit-0000000001', tags: { utm_source: 'tv' } };
  const ask = (headers: Record<string, string>) =>
    server.inject({ method: 'POST', url: '/visits', headers, payload });
  return { server, asked, ask };
}

test('a page of the key may read its number', async () => {
  const { ask, asked } = door(lent);
  const answer = await ask({ origin });
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
  expect(answer.json()).toEqual({
    ...{ number: '+18005550150', display: '(800) 555-0150', use: 'lent', until: '1970-01-01T00:00:00.000Z' },
  });
  expect(asked).toEqual([{ key: 'page_1', visit: 'visit-0000000001', tags: { utm_source: 'tv' }, origin }]);
});

test('a page elsewhere may not read even why; who tells no origin is not asked for', async () => {
  const { ask } = door({ ok: false, reason: 'unknown_key', message: 'this key is not for this page' });
  const answer = await ask({ origin: 'https://evil.example' });
  expect(answer.statusCode).toBe(403);
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  const { ask: program, asked } = door(lent);
  expect((await program({})).statusCode).toBe(403);
  expect(asked).toEqual([]);
});

test('the script is for any page', async () => {
  const { server } = door(lent);
  const { headers, body } = await server.inject('/v1/numbers.js');
  expect(headers).toMatchObject({ 'cross-origin-resource-policy': 'cross-origin' });
  expect(body).toContain('data-tollbridge');
});

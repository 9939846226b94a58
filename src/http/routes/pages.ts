/** The pages of the network's people and of its publishers: files as they are, which ask the API for all that they show. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../package-root.ts';

const pages = join(packageRoot(import.meta.dirname), 'pages');
/** The charts; its ES module and its stylesheet are served as they were published. */
const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));

export async function pageRoutes(server: FastifyInstance): Promise<void> {
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
  await server.register(fastifyStatic, { root: pages, prefix: '/pages/', index: false });
  server.get('/', (_request, reply) => reply.sendFile('index.html'));
  server.get('/pages/uplot.js', (_request, reply) => reply.sendFile('uPlot.esm.js', join(uplot, 'dist')));
  server.get('/pages/uplot.css', (_request, reply) => reply.sendFile('uPlot.min.css', join(uplot, 'dist')));
}

/**
 * What a page may load and reach is what the switch itself serves; it holds no script, style or markup but that of its
 * files, and no other page may frame it or keep a hand on its window.
 */
const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  // A page of this release must not meet the script of another: each look asks whether it is still the same.
  'Cache-Control': 'no-cache',
};

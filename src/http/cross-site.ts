import type { FastifyRequest } from 'fastify';

/**
 * Does a browser ask on behalf of a page of another site? Such a page could use an API that is open on this machine, or
 * a password that the browser keeps. Programs send neither header.
 */
export function isCrossSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (headers.origin === undefined) return false;
  // `null` is the origin of pages that hide theirs.
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}

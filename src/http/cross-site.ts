import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Why a request may not use the API, whatever it bears; null where it may. A page of another site could use what a browser
 * keeps or reaches. Where no token is asked for, any web page could, by a request of its own (told by Origin and
 * Sec-Fetch-Site) or by a name that it lets point here (DNS rebinding, told by Host). Programs send neither header.
 */
export function crossSite(headers: IncomingHttpHeaders, asksForToken: boolean): string | null {
  if (asksForToken) return isOfAnotherSite(headers) ? 'a page of another site may not ask this API' : null;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined || (site !== undefined && site !== 'none')) {
    return 'without a token the API is not for web pages: set http.token';
  }
  return isAddress(host)
    ? null
    : 'without a token the API is reached by address, not by name: set http.token';
}

/**
 * Whether a request comes from a page of this very site: a browser says so, and the page by a header of its own, which
 * a page of another site could not set.
 */
export function isOfThisPage(headers: IncomingHttpHeaders, ownHeader: string): boolean {
  const told = headers['sec-fetch-site'] === 'same-origin' || headers.origin !== undefined;
  return told && !isOfAnotherSite(headers) && headers[ownHeader] !== undefined;
}

function isOfAnotherSite({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  // `null` is the origin of pages that hide theirs.
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function isAddress(host = ''): boolean {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Why a request may not use an API that asks for no token; null where it may. A browser on the machine of the switch
 * reaches what listens on loopback, so any web page would: by a request of its own (told by Origin and Sec-Fetch-Site),
 * or by a name that it lets point here (DNS rebinding, told by Host).
 */
export function crossSite({ origin, host, ...headers }: IncomingHttpHeaders): string | null {
  const site = headers['sec-fetch-site'];
  if (origin !== undefined || (site !== undefined && site !== 'none')) {
    return 'without a token the API is not for web pages: set http.token';
  }
  return isAddress(host)
    ? null
    : 'without a token the API is reached by address, not by name: set http.token';
}

function isAddress(host = ''): boolean {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

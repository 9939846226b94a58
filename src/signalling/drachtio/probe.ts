import { settleable, within } from '../../deadline.ts';
import type { SrfConnection, SrfResponse } from './srf.ts';
import type { Link } from './link.ts';

/** A trunk that takes longer to answer an OPTIONS would be too slow to give a caller to. */
const answerWithin = 2_000;

/** Any final answer but 408 and 503 says that somebody is there; many PBXes answer OPTIONS with 404 or 405. */
export function probe(srf: SrfConnection, uri: string, link: Link): Promise<'up' | 'down'> {
  // Without a link the library throws; and whoever cannot be asked cannot be called either.
  if (link.isLost) return Promise.resolve('down');
  const result = settleable<'up' | 'down'>();
  srf.request(uri, { method: 'OPTIONS' }, (error, req) => {
    if (error || !req) {
      result.settle('down');
      return;
    }
    req.on('response', (response: SrfResponse) => {
      if (response.status >= 200) result.settle([408, 503].includes(response.status) ? 'down' : 'up');
    });
  });
  return within(answerWithin, result.promise, 'down' as const);
}

import { requiredExtensions } from '../../required-extensions.ts';
import type { SrfConnection, SrfRequest, SrfResponse } from './srf.ts';

/** What is done here; said in every answer that may say it (RFC 3261 11.2, 13.3.1.4, 8.2.1). */
export const allow = { Allow: 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE' } as const;

/** Without a handler of ours the SIP server would answer 503: that we are down, where we never do such things. */
const notDone = ['register', 'message', 'subscribe', 'publish', 'notify', 'refer'] as const;
/** Done within a call alone; PRACK not at all, for 100rel is neither asked for nor promised. */
const ofACall = ['info', 'update', 'prack'] as const;

/** Seconds; as with an INVITE that comes meanwhile. */
const closed = { 'Retry-After': '5' } as const;

/** Requests that belong to no call. OPTIONS is answered as an INVITE would be: carriers route by it (RFC 3261 11.2). */
export function answerOutsideCalls(srf: SrfConnection, takesCalls: () => boolean): void {
  srf.options((req, res) => {
    const required = requiredExtensions(req.get('Require'));
    if (required !== null) {
      res.send(420, undefined, { headers: { ...allow, Unsupported: required } });
      return;
    }
    const isOpen = takesCalls();
    const headers = { ...allow, Accept: 'application/sdp', ...(isOpen ? {} : closed) };
    res.send(isOpen ? 200 : 503, undefined, { headers });
  });
  for (const method of notDone) srf[method](refuse);
  // What would be done, were there such a call (RFC 3261 12.2.2): not 405, for `Allow` names them.
  for (const method of ofACall)
    srf[method]((_req, res) => {
      res.send(481, undefined, { headers: {} });
    });
}

/** One that names a dialog comes too late for it. */
function refuse(req: SrfRequest, res: SrfResponse): void {
  const isWithin = /;\s*tag=/i.test(req.get('To') ?? '');
  res.send(isWithin ? 481 : 405, undefined, { headers: isWithin ? {} : { ...allow } });
}

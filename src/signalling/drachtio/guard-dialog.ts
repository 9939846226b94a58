import { requiredExtensions } from '../../required-extensions.ts';
import { allow } from './outside-calls.ts';
import type { SrfDialog, SrfRequest } from './srf.ts';

const done = new Set('INVITE ACK BYE OPTIONS INFO UPDATE REFER'.split(' '));
/** These end something or confirm it: whoever sends them waits for no refusal. */
const neverRefused = new Set(['ACK', 'BYE']);

/**
 * What is not done in a call is refused before the library sees it, which would answer 501 to what it does not know, and
 * 200 to most of the rest: that was done which nobody did.
 */
export function guardDialog(dialog: SrfDialog): void {
  const handle = dialog.handle.bind(dialog);
  dialog.handle = (req, res) => {
    const refusal = refusalOf(req);
    if (refusal) res.send(refusal.status, undefined, { headers: refusal.headers });
    else handle(req, res);
  };
}

function refusalOf(req: SrfRequest): { status: number; headers: Record<string, string> } | null {
  // Nothing of ours was ever provisional and reliable, so a PRACK is for nothing (RFC 3262 3).
  if (req.method === 'PRACK') return { status: 481, headers: {} };
  if (!done.has(req.method)) return { status: 405, headers: { ...allow } };
  const required = neverRefused.has(req.method) ? null : requiredExtensions(req.get('Require'));
  return required === null ? null : { status: 420, headers: { Unsupported: required } };
}

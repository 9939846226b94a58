/** What differs by who asks. */
import type { Who } from '../../records/ledger/correcting.ts';
import { worthView, type CallWorth, type WorthView } from '../../records/ledger/worth.ts';
import type { Asker } from '../bearer.ts';
import type { Problem } from '../problem.ts';

export const whoAsks = (asker: Asker): Who =>
  asker.kind === 'network'
    ? { name: 'network', buyer: null }
    : { name: `buyer:${asker.buyer}`, buyer: asker.buyer };

/** A buyer cannot tell a call of another buyer from none at all. */
export function hiding(
  asker: Asker,
  call: string,
  { reason, message }: { readonly reason: string; readonly message: string },
  status: number,
): Problem {
  if (asker.kind === 'network' || status !== 404) return { status, reason, detail: message };
  return { status, reason: 'unknown_call', detail: `there is no record of a call ${call} that you took` };
}

/** What publishers are paid is no buyer's business. */
export function worthFor(asker: Asker, worth: CallWorth): Partial<WorthView> {
  const view = worthView(worth);
  return asker.kind === 'network' ? view : { currency: view.currency, revenue: view.revenue };
}

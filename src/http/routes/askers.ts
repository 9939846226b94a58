/** What differs by who asks. */
import type { Who as Publishing } from '../../publishers/publishing.ts';
import type { Who } from '../../records/ledger/correcting.ts';
import { worthView, type CallWorth, type WorthView } from '../../records/ledger/worth.ts';
import type { Asker } from '../bearer.ts';
import type { Problem } from '../problem.ts';

/** Of a call afterwards: publishers have no say in it. */
export function whoAsks(asker: Asker): Who {
  switch (asker.kind) {
    case 'network':
      return { name: asker.label, buyer: null };
    case 'buyer':
      return { name: `buyer:${asker.buyer}`, buyer: asker.buyer };
    case 'publisher':
      throw new Error('a publisher came where it has no say');
  }
}

/** Of publishers and their numbers: buyers have no say in it. */
export function whoPublishes(asker: Asker): Publishing {
  switch (asker.kind) {
    case 'network':
      return { name: asker.label, publisher: null };
    case 'publisher':
      return { name: `publisher:${asker.publisher}`, publisher: asker.publisher };
    case 'buyer':
      throw new Error('a buyer came where it has no say');
  }
}

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

/** A publisher asks for its own, whether it says so or not; null: it asks for another's, which is not there. */
export function publisherAsked(
  asker: Asker,
  asked: string | undefined,
): { readonly publisher?: string } | null {
  if (asker.kind !== 'publisher') return asked === undefined ? {} : { publisher: asked };
  return asked === undefined || asked === asker.publisher ? { publisher: asker.publisher } : null;
}

export const notTheirs: Problem = {
  status: 404,
  reason: 'unknown_publisher',
  detail: 'there is no such publisher',
};

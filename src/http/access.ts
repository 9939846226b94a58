/** For whom a route is: said by every route of the API, or it is not taken in. */
import type { FastifyReply } from 'fastify';
import type { Asker } from './bearer.ts';
import { refuseWith } from './problem.ts';

export type Access =
  | readonly Asker['kind'][]
  /** Without a token, too. */
  | 'anyone'
  /** As `anyone`, from pages of other sites as well. */
  | 'any_site';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

export const networkOnly: { readonly access: Access } = { access: ['network'] };
export const publishersToo: { readonly access: Access } = { access: ['network', 'publisher'] };
export const buyersToo: { readonly access: Access } = { access: ['network', 'buyer'] };
export const whoeverIsKnown: { readonly access: Access } = { access: ['network', 'publisher', 'buyer'] };
export const anyone: { readonly access: Access } = { access: 'anyone' };

/** A buyer is told for whom it is; to a publisher, what is not its own is not there. */
export function refuseAccess(reply: FastifyReply, asker: Asker): FastifyReply {
  if (asker.kind === 'publisher')
    return refuseWith(reply, { status: 404, reason: 'not_found', detail: 'there is nothing of yours here' });
  const detail = 'this is for the network alone, not for buyers';
  return refuseWith(reply, { status: 403, reason: 'network_only', detail });
}

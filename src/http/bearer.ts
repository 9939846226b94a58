/** Who asks: the network by its token, or a buyer by its own. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

export type Asker = { readonly kind: 'network' } | { readonly kind: 'buyer'; readonly buyer: string };

export interface Tokens {
  /** Null: the API is open to whoever reaches the address. */
  readonly network: string | null;
  /** By buyer. */
  readonly buyers: ReadonlyMap<string, string>;
}

/** Why who asks is not known: no token came, or one that is nobody's. */
export type NobodyKnown = 'no_token' | 'wrong_token';

/**
 * Tokens are found by digests under a key that nobody else has: how long a look takes says nothing of a token. Made anew
 * for the tokens of each config.
 */
export function knownTokens({ network, buyers }: Tokens): (request: FastifyRequest) => Asker | NobodyKnown {
  const key = randomBytes(32);
  const digest = (token: string) => createHmac('sha256', key).update(token).digest();
  const askers = new Map<string, { readonly digest: Buffer; readonly asker: Asker }>();
  const add = (token: string, asker: Asker) => {
    const known = digest(token);
    askers.set(known.toString('base64'), { digest: known, asker });
  };
  for (const [buyer, token] of buyers) add(token, { kind: 'buyer', buyer });
  if (network !== null) add(network, { kind: 'network' });
  return (request) => {
    if (network === null) return { kind: 'network' };
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return 'no_token';
    const given = digest(token);
    const found = askers.get(given.toString('base64'));
    return found && timingSafeEqual(found.digest, given) ? found.asker : 'wrong_token';
  };
}

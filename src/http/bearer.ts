/** Who asks, by the token that they bring. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { tokenHash, type KnownToken } from '../records/api/tokens.ts';

export type Asker = (
  | { readonly kind: 'network' }
  | { readonly kind: 'publisher'; readonly publisher: string }
  | { readonly kind: 'buyer'; readonly buyer: string }
) & {
  /** Of the token: what a rate and an idempotency key are of. */
  readonly id: string;
  /** What the token was called when it was made; who answers for what is done. */
  readonly label: string;
};

/** As the config has them. */
export interface Tokens {
  /** Null: the API is open to whoever reaches the address. */
  readonly network: string | null;
  /** By buyer. */
  readonly buyers: ReadonlyMap<string, string>;
}

/** Who is known by the hash of a token. */
export type KnownBy = (hash: string) => Promise<Asker | null>;

/** Whoever comes without a token where none is asked for. */
export const anybody: Asker = { kind: 'network', id: 'network', label: 'network' };

export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** Why who asks is not known: no token came, or one that is nobody's. */
export type NobodyKnown = 'no_token' | 'wrong_token';

/**
 * First those of the config, which need no database, then those in it: these are asked for each time, so that one which
 * was revoked is nobody's from that instant on, in every switch.
 */
export function askersBy(
  tokens: () => Tokens,
  stored: (hash: string) => Promise<KnownToken | null>,
): KnownBy {
  let known: { readonly of: Tokens; readonly who: ReturnType<typeof askersOf> } | null = null;
  return async (hash) => {
    const now = tokens();
    if (known?.of.buyers !== now.buyers || known.of.network !== now.network)
      known = { of: now, who: askersOf(now) };
    const given = known.who(hash);
    if (given) return given;
    const found = await stored(hash);
    if (!found) return null;
    const { id, holder, label } = found;
    return holder.role === 'admin'
      ? { kind: 'network', id, label }
      : { kind: 'publisher', publisher: holder.publisher, id, label };
  };
}

/**
 * Those of the config are found by digests under a key that nobody else has: how long a look takes says nothing of a
 * token. Made anew for the tokens of each config.
 */
function askersOf({ network, buyers }: Tokens): (hash: string) => Asker | null {
  const key = randomBytes(32);
  const digest = (hash: string) => createHmac('sha256', key).update(hash).digest();
  const askers = new Map<string, { readonly digest: Buffer; readonly asker: Asker }>();
  const add = (token: string, asker: Asker) => {
    const known = digest(tokenHash(token));
    askers.set(known.toString('base64'), { digest: known, asker });
  };
  for (const [buyer, token] of buyers)
    add(token, { kind: 'buyer', buyer, id: `buyer:${buyer}`, label: `buyer:${buyer}` });
  if (network !== null) add(network, anybody);
  return (hash) => {
    const given = digest(hash);
    const found = askers.get(given.toString('base64'));
    return found && timingSafeEqual(found.digest, given) ? found.asker : null;
  };
}

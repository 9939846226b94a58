/** Whether who listens may go on: a connection that lasts is not asked for its token again, so the token is looked at. */
import type { Asker, KnownBy } from './bearer.ts';
import type { Sessions } from './sessions.ts';

/** Records that are away say nothing of a token; for so long is who was known still taken for known. */
export const trustedFor = 60_000;

export interface Listening {
  readonly asker: Asker;
  /** Null: came without a token, where none is asked for. */
  readonly tokenHash: string | null;
  /** The session by which it came; null where by a token of its own. */
  readonly session: string | null;
}

export interface Knowing {
  readonly askerBy: KnownBy;
  readonly sessions: Pick<Sessions, 'isOpen'>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Of one who is known now. Asked from time to time; that alone keeps no session from running out. */
export function stillKnown(
  { asker, tokenHash, session }: Listening,
  { askerBy, sessions, now }: Knowing,
): () => Promise<boolean> {
  let knownAt = now();
  return async () => {
    if (session !== null && !sessions.isOpen(session)) return false;
    if (tokenHash === null) return true;
    let known: Asker | null;
    try {
      known = await askerBy(tokenHash);
    } catch {
      return now() - knownAt < trustedFor;
    }
    knownAt = now();
    return known?.id === asker.id;
  };
}

/**
 * Who is logged in with a browser. A session is no more than the way to a token: it ends with it. Kept in memory alone,
 * so that a restart logs everybody out. Cookies hold an id that says nothing.
 */
import { randomBytes } from 'node:crypto';
import { tokenHash } from '../records/api/tokens.ts';

interface Session {
  /** Of its token. */
  readonly hash: string;
  readonly openedAt: number;
  usedAt: number;
}

const idleFor = 12 * 3_600_000;
const longest = 7 * 24 * 3_600_000;
const most = 10_000;

export class Sessions {
  /** By the hash of the id; the least lately used first. */
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The id, for the cookie. */
  open(hash: string): string {
    const id = randomBytes(32).toString('base64url');
    const now = this.#now();
    this.#sessions.set(tokenHash(id), { hash, openedAt: now, usedAt: now });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > most && oldest !== undefined) this.#sessions.delete(oldest);
    return id;
  }

  /** The hash of the token that it was opened with; null where there is no such session, or none any more. */
  tokenOf(id: string): string | null {
    const name = tokenHash(id);
    const session = this.#sessions.get(name);
    if (!session) return null;
    this.#sessions.delete(name);
    if (this.#isOver(session)) return null;
    session.usedAt = this.#now();
    this.#sessions.set(name, session);
    return session.hash;
  }

  /** To look is no use of it: it runs out all the same. */
  isOpen(id: string): boolean {
    const session = this.#sessions.get(tokenHash(id));
    return session !== undefined && !this.#isOver(session);
  }

  close(id: string): void {
    this.#sessions.delete(tokenHash(id));
  }

  #isOver({ usedAt, openedAt }: Session): boolean {
    const now = this.#now();
    return now - usedAt > idleFor || now - openedAt > longest;
  }
}

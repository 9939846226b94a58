/** What every operation on publishers and numbers works with, and how it answers. */
import type { Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Clock } from './clock.ts';
import type { Given } from './given.ts';

export interface Publishing {
  readonly db: Kysely<Schema>;
  /** As it stands now: a reload replaces it. */
  readonly given: () => Given;
  /** Of what is only looked at. */
  readonly now: () => Date;
  /** Of what is changed. */
  readonly clock: Clock;
}

/** Who asks. Of one who asks for a publisher, what is another's is not there. */
export interface Who {
  readonly name: string;
  /** Null: the network itself. */
  readonly publisher: string | null;
}

export interface Refused<Reason extends string> {
  readonly ok: false;
  readonly reason: Reason;
  readonly message: string;
}

export const refused = <Reason extends string>(reason: Reason, message: string): Refused<Reason> => ({
  ok: false,
  reason,
  message,
});

/** Some of a list, and where the rest of it begins: `next` is the `after` of the next question, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageQuery {
  /** 1 … 1000. */
  readonly limit: number;
  /** What `next` was. One that never was a `next` begins anew. */
  readonly after?: string;
}

/** Of one item more than were asked for, where there are so many: whether there is a rest is told by that. */
export function cutToPage<T>(found: readonly T[], limit: number, cursor: (last: T) => string): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursor(last) : null };
}

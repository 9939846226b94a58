/** What differs between two configs, for whom, in words. */
import { isDeepStrictEqual } from 'node:util';

export const kinds = [
  'switch',
  'carrier',
  'pool',
  'trunk',
  'buyer',
  'menu',
  'campaign',
  'publisher',
  'number',
] as const;
export type Kind = (typeof kinds)[number];

export interface Change {
  readonly about: Kind;
  /** The name that the config knows it by; of numbers the first and, of a range, the last digits of its end. */
  readonly id: string;
  /** A sentence: `Sunrise Solar pays 50.00 instead of 45.00 for connected at least 90 s`. */
  readonly text: string;
}

/** Tells what is another about a thing: what its name is followed by, nothing where it is the same. */
export type Teller<T> = (before: T, after: T) => readonly string[];

/** Tells of one part where it is not the same. */
export const where =
  <T, V>(part: (thing: T) => V, say: (after: V, before: V) => string): Teller<T> =>
  (before, after) => {
    const [was, is] = [part(before), part(after)];
    return isDeepStrictEqual(was, is) ? [] : [say(is, was)];
  };

/** Of a part that reads the same way before and after: `${verb} A instead of B`. */
export const instead = <T, V>(part: (thing: T) => V, verb: string, word: (value: V) => string): Teller<T> =>
  where(part, (after, before) => `${verb} ${word(after)} instead of ${word(before)}`);

export const all =
  <T>(...tellers: readonly Teller<T>[]): Teller<T> =>
  (before, after) =>
    tellers.flatMap((tell) => tell(before, after));

interface Things<T> {
  readonly about: Kind;
  readonly before: ReadonlyMap<string, T>;
  readonly after: ReadonlyMap<string, T>;
  readonly called: (thing: T, id: string) => string;
  readonly tell: Teller<T>;
  /** What to say of one that was not there. */
  readonly introduce: (thing: T, id: string) => string;
}

/** Those that went, those that changed and those that came. */
export function changesOf<T>({ about, before, after, called, tell, introduce }: Things<T>): Change[] {
  const changes: Change[] = [];
  for (const [id, was] of before) {
    const is = after.get(id);
    if (is === undefined) changes.push({ about, id, text: `${called(was, id)} is gone` });
    else for (const said of tell(was, is)) changes.push({ about, id, text: `${called(is, id)} ${said}` });
  }
  for (const [id, is] of after) {
    if (!before.has(id)) changes.push({ about, id, text: `${called(is, id)} is new: ${introduce(is, id)}` });
  }
  return changes;
}

/** What a page may say of a visit: few, short, and named like attributes, for they end up in records and conditions. */
import { refused, type Refused } from './publishing.ts';

export type Tags = Readonly<Record<string, string>>;

export const mostTags = 16;
export const longestTag = 128;
const tagName = /^[a-z][a-z0-9_]{0,31}$/;
/** Lone surrogates and the controls among characters: neither logs nor the database take them. */
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** Null where they can be kept. Those that say nothing are let pass. */
export function badTags(tags: Tags): Refused<'bad_tags'> | null {
  const all = Object.entries(tags);
  if (all.length > mostTags) return refused('bad_tags', `a visit has at most ${mostTags} tags`);
  for (const [name, value] of all) {
    if (!tagName.test(name))
      return refused('bad_tags', 'the name of a tag is up to 32 of a to z, 0 to 9 and _, a letter first');
    if (value.length > longestTag || unprintable.test(value))
      return refused('bad_tags', `tag ${name}: a line of at most ${longestTag} characters`);
  }
  return null;
}

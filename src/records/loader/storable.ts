/**
 * Texts from far ends (a SIP reason phrase, a number, a header) may hold anything. Postgres has no U+0000 in text and
 * no half of a surrogate pair in jsonb; the other controls could drive the terminal of whoever reads the records.
 */
import { isPlain } from '../journal/line.ts';

const unprintable = /[\p{Cc}\p{Cs}]/gu;

/** The same value with all texts, keys too, free of what must not be stored. */
export function storable<T>(value: T): T {
  return isPlain(JSON.stringify(value)) ? value : (clean(value) as T);
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unprintable, '');
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [clean(key), clean(of)]));
}

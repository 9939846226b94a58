import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import type { Network } from '../routing/network.ts';
import type { TermsBook } from '../settlement/terms.ts';

/**
 * Names a table of routes and terms in the records: the same for the same meaning, wherever the file lies and however
 * it is commented. Passwords of trunks are left out: they route nothing, and a digest is no place for a secret.
 */
export function hashOf(network: Network, terms: TermsBook, dir: string): string {
  const text = JSON.stringify({ network, terms }, (key, value: unknown) => {
    if (key === 'auth') return undefined;
    if (typeof value === 'string' && value.startsWith(dir + sep)) return value.slice(dir.length + 1);
    return canonical(value);
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Maps keep the order of the file, which means nothing; objects that of their making. */
function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Set) return [...value].map(String).sort();
  if (value instanceof Map) return sorted([...value].map(([key, inner]) => [String(key), inner]));
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return sorted(Object.entries(value));
  return value;
}

const sorted = (entries: [string, unknown][]): Record<string, unknown> =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

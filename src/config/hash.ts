import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { Network } from '../routing/network.ts';
import type { TermsBook } from '../settlement/terms.ts';

/**
 * Names a table of routes and terms in the records: the same for the same meaning, wherever the file lies, however it
 * is cut into files and commented. Passwords of trunks are left out: they route nothing, and a digest is no place for
 * a secret. Paths count from `dir`.
 */
export function hashOf(network: Network, terms: TermsBook, dir: string): string {
  const hash = createHash('sha256');
  const plain = (key: string, value: unknown): unknown => {
    if (key === 'auth') return undefined;
    if (pathKeys.has(key) && typeof value === 'string' && isAbsolute(value)) return relative(dir, value);
    return canonical(value);
  };
  const { numbers, ...rest } = network;
  for (const [part, whole] of Object.entries({ ...rest, terms: { ...terms } }).sort(byKey)) {
    hash.update(`${part} ${JSON.stringify(whole, plain)}\n`);
  }
  // Half a million of these are more than fits into one text, and too many to be taken apart key by key.
  for (const [number, { campaign, publisher, source }] of [...numbers].sort(byKey)) {
    hash.update(`${JSON.stringify([number, campaign, publisher, source])}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Under which keys paths of files stand. */
const pathKeys = new Set(['whisper', 'play']);

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
  Object.fromEntries(entries.sort(byKey));

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { Network, Numbers } from '../routing/network.ts';
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
  for (const run of runsOf(numbers)) hash.update(`${JSON.stringify(run)}\n`);
  return hash.digest('hex').slice(0, 12);
}

/** Neighbouring numbers of one owner as one: there may be half a million of them, written in any order. */
function* runsOf(numbers: Numbers): Generator<readonly (string | number | null)[]> {
  const sorted = Float64Array.from(numbers, ([number]) => Number(number)).sort();
  let first = 0;
  let count = 0;
  let owner: readonly (string | null)[] = [];
  for (const digits of sorted) {
    const { campaign = '', publisher = '', source = null } = numbers.get(`+${digits}`) ?? {};
    if (digits === first + count && campaign === owner[0] && publisher === owner[1] && source === owner[2]) {
      count += 1;
      continue;
    }
    if (count > 0) yield [first, count, ...owner];
    [first, count, owner] = [digits, 1, [campaign, publisher, source]];
  }
  if (count > 0) yield [first, count, ...owner];
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

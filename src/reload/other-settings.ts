import { isDeepStrictEqual } from 'node:util';
import type { Pool } from '../config/config.ts';
import type { Trunk } from '../routing/network.ts';
import type { Slices } from '../routing/table.ts';
import type { Standing } from './parcels.ts';

/** A pool may have half a million numbers: so many are compared in less than a slice. */
const numbersASlice = 10_000;

/** The entries of the config that `next` has otherwise and that name no other table: `limits`, `carriers`. */
export async function otherSettings(
  before: Standing,
  next: Standing,
  slices: Pick<Slices, 'yield'>,
): Promise<readonly string[]> {
  const was = named(before);
  const is = named(next);
  const others = Object.keys(was).filter((name) => !isDeepStrictEqual(was[name], is[name]));
  if (!samePasswords(before.network.trunks, next.network.trunks)) others.push('trunks.auth');
  if (!(await samePools(before.pools, next.pools, slices))) others.push('pools');
  return others;
}

function named(config: Standing): Readonly<Record<string, unknown>> {
  const { name, engine, tokens, webhooks, limits, log, trace, records, carriers } = config;
  return { name, 'engine.media': engine.media, tokens, webhooks, limits, log, trace, records, carriers };
}

/** Of the trunks that are in both. */
function samePasswords(before: ReadonlyMap<string, Trunk>, next: ReadonlyMap<string, Trunk>): boolean {
  return [...before].every(([id, { auth }]) => {
    const trunk = next.get(id);
    return trunk === undefined || isDeepStrictEqual(auth, trunk.auth);
  });
}

async function samePools(
  before: ReadonlyMap<string, Pool>,
  next: ReadonlyMap<string, Pool>,
  slices: Pick<Slices, 'yield'>,
): Promise<boolean> {
  if (!isDeepStrictEqual([...before.values()].map(outline), [...next.values()].map(outline))) return false;
  for (const [id, { numbers }] of before) {
    const others = next.get(id)?.numbers ?? [];
    for (let at = 0; at < numbers.length; at += numbersASlice) {
      const until = at + numbersASlice;
      if (!isDeepStrictEqual(numbers.slice(at, until), others.slice(at, until))) return false;
      await slices.yield();
    }
  }
  return true;
}

const outline = ({ numbers, ...pool }: Pool) => ({ ...pool, numbers: numbers.length });

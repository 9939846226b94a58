/** The campaigns of the config, with who works for them and what their pools have left. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { poolOf, type Given } from './given.ts';
import { countFree } from './free-numbers.ts';
import { remembered } from './inventory.ts';
import type { Publishing } from './publishing.ts';
import type { CampaignView, OfferedCampaign } from './views.ts';

export async function listCampaigns(publishing: Publishing): Promise<readonly CampaignView[]> {
  return views(publishing, [...publishing.given().network.campaigns.keys()]);
}

/** What a publisher may apply for: nothing is counted for it, and the database not asked. */
export const offeredCampaigns = (given: Given): readonly OfferedCampaign[] =>
  [...given.network.campaigns].map(([id, { name }]) => ({ id, name, open: poolOf(given, id) !== null }));

/** Null where the config has none of this name. */
export async function showCampaign(publishing: Publishing, campaign: string): Promise<CampaignView | null> {
  if (!publishing.given().network.campaigns.has(campaign)) return null;
  const [view] = await views(publishing, [campaign]);
  return view ?? null;
}

async function views(
  { db, given, now }: Publishing,
  campaigns: readonly string[],
): Promise<readonly CampaignView[]> {
  const known = given();
  const pools = new Map(campaigns.map((campaign) => [campaign, poolOf(known, campaign)]));
  const free = new Map<string, number>();
  for (const pool of new Set(pools.values()))
    if (pool !== null) free.set(pool, await countFree(db, known, pool, now()));
  const { counted, holders } = await recorded(db);
  const givenTo = ownersOf(known);
  return campaigns.map((id) => {
    const { name, advertiser } = known.network.campaigns.get(id) ?? { name: id, advertiser: null };
    const pool = pools.get(id) ?? null;
    const held = holders.filter(({ campaign }) => campaign === id);
    const owned = givenTo.get(id);
    const publishers = new Set([...(owned?.publishers ?? []), ...held.map(({ publisher }) => publisher)]);
    return {
      ...{ id, name, advertiser, pool },
      publishers: publishers.size,
      waiting: counted.get(`${id} applied`) ?? 0,
      approved: counted.get(`${id} approved`) ?? 0,
      paused: counted.get(`${id} paused`) ?? 0,
      numbers: (owned?.numbers ?? 0) + held.reduce((sum, { numbers }) => sum + numbers, 0),
      free: pool === null ? 0 : (free.get(pool) ?? 0),
    };
  });
}

async function recorded(db: Kysely<Schema>) {
  const states = await sql<{ campaign: string; state: string; many: number }>`
    select campaign, state, count(*)::int as many from applications group by campaign, state`.execute(db);
  const held = await sql<{ campaign: string; publisher: string; numbers: number }>`
    select campaign, publisher, count(*)::int as numbers from holdings where held_until is null
     group by campaign, publisher`.execute(db);
  return {
    counted: new Map(states.rows.map(({ campaign, state, many }) => [`${campaign} ${state}`, many])),
    holders: held.rows,
  };
}

interface Owned {
  readonly publishers: ReadonlySet<string>;
  readonly numbers: number;
}

/** By campaign, of the numbers that the config gives. Counted once for each config: there may be millions. */
const ownersOf = (given: Given): ReadonlyMap<string, Owned> =>
  remembered(owners, given, () => {
    const made = new Map<string, { publishers: Set<string>; numbers: number }>();
    for (const [, { campaign, publisher }] of given.network.numbers) {
      const owned = made.get(campaign) ?? { publishers: new Set<string>(), numbers: 0 };
      owned.publishers.add(publisher);
      owned.numbers += 1;
      made.set(campaign, owned);
    }
    return made;
  });

const owners = new WeakMap<Given, ReadonlyMap<string, Owned>>();

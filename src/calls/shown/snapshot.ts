/** What a decision about one call would read of the world now: for people and programs who ask what the switch would do. */
import type { CapCount, CapPeriod, Subject } from '../../routing/network.ts';
import type { Seen, SeenCaller, World } from '../../routing/plan.ts';
import type { Floor } from '../floor.ts';
import { ownerOf } from '../owner.ts';
import { capPeriods } from '../counts/periods.ts';
import { capCounts } from '../counts/usage.ts';
import { worldOf, type Seeable } from '../world.ts';

export interface SnapshotQuery {
  /** The number that is called, E.164: it tells whose the call would be. Else whose it is supposed to be. */
  readonly of: string | { readonly campaign: string; readonly publisher: string };
  /** E.164; null where withheld. */
  readonly caller: string | null;
}

/** JSON as it is. Times are milliseconds since the epoch, money is micro-units; what is zero, null or up is left out. */
export interface Snapshot {
  readonly at: number;
  /** The hash of the table by which calls are routed now. */
  readonly table: string;
  readonly subjects: Readonly<Partial<Record<Subject, SubjectNow>>>;
  readonly buyers: Readonly<Partial<Record<string, BuyerNow>>>;
  readonly trunks: Readonly<Partial<Record<string, TrunkNow>>>;
  /** Of the number that was asked for. */
  readonly number?: NumberNow;
}

/** Whose a number is now. */
export interface NumberNow {
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  /** Calls to it are refused for now. */
  readonly paused: boolean;
  /** Of the visit that it is lent to. */
  readonly tags: Readonly<Record<string, string>>;
}

interface SubjectNow {
  readonly live?: number;
  /** By count and period: `connected.day`. Attempts that may yet be counted are in it, as caps see them. */
  readonly counted?: Readonly<Partial<Record<`${CapCount}.${CapPeriod}`, number>>>;
}

interface BuyerNow {
  readonly offered?: number;
  /** When this caller was last attempted at, connected to and converted by it. */
  readonly seen?: Readonly<Partial<Record<Seen, number>>>;
  /** In this campaign, over its look-back. */
  readonly performance?: { readonly attempts: number; readonly revenue: number };
}

interface TrunkNow {
  readonly down?: true;
  /** Why, where it rests: `5 calls in a row had no answer, until 14:02:11 UTC`. */
  readonly rests?: string;
  readonly started_this_second?: number;
}

const kinds: readonly Seen[] = ['attempted', 'connected', 'converted'];

/** Or what the switch has not: the table that routes calls now has no such campaign; nobody holds the number. */
export function snapshotOf(
  floor: Seeable & Pick<Floor, 'table' | 'held'>,
  { of, caller }: SnapshotQuery,
): Snapshot | 'unknown_campaign' | 'unknown_number' {
  if (typeof of !== 'string') return aroundCampaign(floor, { ...of, caller });
  const owner = ownerOf(of, floor.now(), floor.table().routing, floor.held);
  if (owner === null) return 'unknown_number';
  if (owner.kind === 'unknown_campaign') return 'unknown_campaign';
  const { entry, paused, tags } = owner;
  const { publisher, source } = entry;
  const campaign = entry.campaign.id;
  const around = aroundCampaign(floor, { campaign, publisher, caller });
  return typeof around === 'string'
    ? around
    : { ...around, number: { campaign, publisher, source, paused, tags } };
}

function aroundCampaign(
  floor: Seeable & Pick<Floor, 'table'>,
  { campaign, publisher, caller }: { campaign: string; publisher: string; caller: string | null },
): Snapshot | 'unknown_campaign' {
  const table = floor.table();
  const compiled = table.routing.campaigns.get(campaign);
  if (!compiled) return 'unknown_campaign';
  const attempts = compiled.routes.map(({ attempt }) => attempt);
  const subjects = new Set<Subject>([
    `publisher:${publisher}`,
    `campaign:${campaign}`,
    ...attempts.flatMap((attempt) => attempt.subjects),
  ]);
  const buyers = new Set(attempts.map(({ buyer }) => buyer.id));
  const trunks = new Set(attempts.map(({ trunk }) => trunk.id));
  const { over } = compiled.campaign.routing.performance;
  const world = worldOf(floor, new Map());
  const up = world.trunks();
  const seen = caller === null ? null : world.seenIn(campaign, caller);
  const buyerNow = (buyer: string): BuyerNow => ({
    ...given('offered', world.usages.of(`buyer:${buyer}`).lastOffered()),
    ...given('seen', seen === null ? null : seenBy(seen, buyer)),
    ...given('performance', ofAny(world.performance(campaign, buyer, over))),
  });
  return {
    at: world.now,
    table: table.hash,
    subjects: byName(subjects, (subject) => subjectNow(world, subject)),
    buyers: byName(buyers, buyerNow),
    trunks: byName(trunks, (trunk) => ({
      ...(up.isUp(trunk) ? {} : { down: true as const }),
      ...given('rests', up.rests(trunk)),
      ...given('started_this_second', world.startedThisSecond(trunk) || null),
    })),
  };
}

function subjectNow(world: World, subject: Subject): SubjectNow {
  const usage = world.usages.of(subject);
  const names = capCounts.flatMap((count) => capPeriods.map((per) => ({ count, per })));
  const counted = Object.fromEntries(
    names
      .map(({ count, per }) => [`${count}.${per}`, usage.counted(count, per, world.now, null)] as const)
      .filter(([, sum]) => sum !== 0),
  );
  return {
    ...given('live', usage.live(null) || null),
    ...given('counted', Object.keys(counted).length === 0 ? null : counted),
  };
}

function seenBy(caller: SeenCaller, buyer: string): NonNullable<BuyerNow['seen']> | null {
  const seen = kinds.flatMap((kind) => {
    const at = caller.by(buyer, kind);
    return at === null ? [] : [[kind, at] as const];
  });
  return seen.length === 0 ? null : Object.fromEntries(seen);
}

const ofAny = (figures: { readonly attempts: number; readonly revenue: number }) =>
  figures.attempts === 0 && figures.revenue === 0 ? null : figures;

function byName<Name extends string, T extends object>(
  names: Iterable<Name>,
  now: (name: Name) => T,
): Partial<Record<Name, T>> {
  const all: Partial<Record<Name, T>> = {};
  for (const name of names) {
    const found = now(name);
    if (Object.keys(found).length > 0) all[name] = found;
  }
  return all;
}

function given<Key extends string, T>(key: Key, value: T | null): Partial<Record<Key, T>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, T>);
}

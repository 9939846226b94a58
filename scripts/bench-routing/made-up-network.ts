/**
 * A network as large as the largest, made up: 10,000 buyers in 2,000 campaigns, with the hours, caps, conditions and
 * limits that such buyers have. Straight as routing sees it, so that nothing but routing is measured.
 */
import type { Condition } from '../../src/conditions/condition.ts';
import { areaCodes } from '../../src/routing/area-codes.ts';
import type { Buyer, Campaign, Cap, Network, Publisher, Route, Trunk } from '../../src/routing/network.ts';
import type { Hours, TimeRange } from '../../src/routing/network.ts';
import { NumberIndex } from '../../src/routing/number-index.ts';
import type { Owner } from '../../src/routing/owners.ts';
import { seeded, type Random } from './random.ts';

export interface Scale {
  readonly numbers: number;
  /** Of each campaign. */
  readonly routes: number;
}

export const buyerCount = 10_000;
export const campaignCount = 2_000;
const trunkCount = 1_000;
const publisherCount = 500;

/** A Wednesday, noon in New York: most buyers are open. */
export const noon = Date.parse('2026-11-18T17:00:00Z');

export const states = [...new Set(areaCodes.map(([, state]) => state).filter((state) => state !== ''))];
export const areas = areaCodes.flatMap(([, , codes]) => codes.split(' '));

/** The `at`th tracking number, E.164: neighbours share neither area nor campaign. */
export function numberAt(at: number): string {
  const area = areas[at % areas.length] ?? '';
  return `+1${area}${2_000_000 + Math.floor(at / areas.length)}`;
}

const owners = new Map<number, Owner>();

export function ownerAt(at: number): Owner {
  const campaign = at % campaignCount;
  const hand = Math.floor(at / campaignCount) % 20;
  const key = campaign * 20 + hand;
  let owner = owners.get(key);
  if (owner === undefined) {
    const publisher = `publisher-${(campaign * 7 + hand) % publisherCount}`;
    owner = { campaign: `campaign-${campaign}`, publisher, source: sources[hand % sources.length] ?? null };
    owners.set(key, owner);
  }
  return owner;
}

const sources = ['google-ads', 'radio', null];

/** As the config's loader hands them to routing. */
export function indexNumbers({ numbers }: Scale): NumberIndex {
  const index = new NumberIndex(numbers);
  for (let at = 0; at < numbers; at++) index.set(numberAt(at), ownerAt(at));
  return index;
}

export function madeUpNetwork(scale: Scale, numbers: Network['numbers']): Network {
  const random = seeded(20_260_101);
  const trunks = byId(trunkCount, (at) => trunk(at, random));
  const buyers = byId(buyerCount, (at) => buyer(at, random));
  const publishers = byId(publisherCount, (at) => publisher(at, random));
  const campaigns = byId(campaignCount, (at) => campaign(at, scale.routes, random));
  return { country: 'US', timezone: 'America/New_York', trunks, buyers, campaigns, publishers, numbers };
}

function byId<T extends { readonly id: string }>(count: number, make: (at: number) => T): Map<string, T> {
  return new Map(
    Array.from({ length: count }, (_, at) => {
      const made = make(at);
      return [made.id, made];
    }),
  );
}

function trunk(at: number, { chance, between }: Random): Trunk {
  return {
    id: `trunk-${at}`,
    uri: `sip:10.20.${at >> 8}.${at & 255}:5060`,
    transport: 'udp',
    concurrency: chance(0.3) ? between(50, 400) : null,
    cps: chance(0.2) ? between(5, 50) : null,
    silentAfter: 2_000,
    breaker: { failures: 5, ratio: 0.5, over: 60_000, rest: 30_000 },
  };
}

function buyer(at: number, random: Random): Buyer {
  const { chance, between, pick, below } = random;
  return {
    id: `buyer-${at}`,
    name: `Buyer ${at}`,
    timezone: pick(zones),
    trunk: `trunk-${below(trunkCount)}`,
    dial: `+1800${2_000_000 + at}`,
    paused: chance(0.01),
    hours: pick(shifts),
    concurrency: chance(0.8) ? between(2, 40) : null,
    caps: capsOf(random),
    spacing: chance(0.1) ? between(1, 30) * 1_000 : 0,
    accepts: acceptsOf(random),
    worth: [{ pays: between(5, 90) * 1_000_000, when: [] }],
    bid: null,
  };
}

function capsOf({ chance, between }: Random): Cap[] {
  const caps: Cap[] = [];
  if (chance(0.6)) caps.push({ count: 'connected', limit: between(20, 400), per: 'day' });
  if (chance(0.2)) caps.push({ count: 'attempted', limit: between(10, 100), per: 'hour' });
  if (chance(0.2)) caps.push({ count: 'converted', limit: between(200, 4_000), per: 'month' });
  if (chance(0.1)) caps.push({ count: 'revenue', limit: between(500, 50_000) * 1_000_000, per: 'week' });
  return caps;
}

function acceptsOf({ chance, between, some }: Random): Condition[] {
  const accepts: Condition[] = [];
  if (chance(0.6)) {
    accepts.push({ kind: 'is', attribute: 'caller.state', values: some(states, between(10, 40)) });
  }
  if (chance(0.25)) {
    const from = between(18, 40);
    accepts.push({ kind: 'between', attribute: 'ivr.age', from, to: from + between(20, 50) });
  }
  if (chance(0.1)) {
    const values = some(areas, between(2, 12));
    accepts.push({ kind: 'not', condition: { kind: 'is', attribute: 'caller.area_code', values } });
  }
  if (chance(0.2)) accepts.push({ kind: 'is', attribute: 'ivr.homeowner', values: ['yes'] });
  if (chance(0.05)) {
    const source: Condition = { kind: 'is', attribute: 'call.source', values: ['google-ads'] };
    const older: Condition = {
      kind: 'compare',
      attribute: 'ivr.age',
      operator: '>=',
      value: between(30, 60),
    };
    accepts.push({ kind: 'any', conditions: [source, older] });
  }
  return accepts;
}

const zones = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'Pacific/Honolulu',
];

const clock = (hours: number, minutes = 0): number => hours * 60 + minutes;
const onDays = (days: readonly number[], ranges: readonly TimeRange[]): Map<number, readonly TimeRange[]> =>
  new Map(days.map((day) => [day, ranges]));
const holidays = new Map<string, readonly TimeRange[]>([
  ['2026-11-26', []],
  ['2026-12-24', [{ from: clock(8), to: clock(12) }]],
  ['2026-12-25', []],
]);
const weekdays = [1, 2, 3, 4, 5];
const everyDay = [...weekdays, 6, 7];
const shifts: readonly Hours[] = [
  'always',
  { weekly: onDays(weekdays, [{ from: clock(8), to: clock(18) }]), except: holidays },
  { weekly: onDays(weekdays, [{ from: clock(9), to: clock(17, 30) }]), except: new Map() },
  { weekly: onDays(everyDay, [{ from: clock(7), to: clock(23) }]), except: holidays },
  {
    weekly: onDays(weekdays, [
      { from: clock(8), to: clock(12) },
      { from: clock(13), to: clock(20) },
    ]),
    except: new Map(),
  },
  { weekly: onDays(everyDay, [{ from: clock(16), to: clock(2) }]), except: new Map() },
];

function publisher(at: number, { chance, between }: Random): Publisher {
  const caps: Cap[] = chance(0.1) ? [{ count: 'connected', limit: between(2_000, 20_000), per: 'day' }] : [];
  return {
    id: `publisher-${at}`,
    name: `Publisher ${at}`,
    concurrency: chance(0.3) ? between(100, 500) : null,
    caps,
  };
}

function campaign(at: number, routeCount: number, random: Random): Campaign {
  const { chance, between } = random;
  return {
    id: `campaign-${at}`,
    name: `Campaign ${at}`,
    advertiser: null,
    ivr: null,
    media: 'auto',
    record: 'off',
    block: { anonymous: false, callers: new Set() },
    repeatCaller: chance(0.25) ? { within: 30 * 86_400_000, seen: 'connected', treat: 'other_buyer' } : null,
    concurrency: chance(0.3) ? between(50, 400) : null,
    caps: chance(0.2) ? [{ count: 'connected', limit: between(2_000, 9_000), per: 'day' }] : [],
    routing: {
      strategy: 'priority',
      performance: { over: 7 * 86_400_000, minCalls: 20, explore: 0 },
      sticky: null,
      failover: { stop: [] },
      ring: 20_000,
      attempts: 5,
      giveUp: 60_000,
      onEarlyHangup: null,
      ringback: 'us',
      noBuyer: null,
      routes: Array.from({ length: routeCount }, (_, place) => route(at * routeCount + place, random)),
    },
  };
}

/** Campaigns take buyers in turn, with a stride: each buyer stands in as many of them as any other. */
function route(at: number, { chance, between }: Random): Route {
  return {
    buyer: `buyer-${(at * 7_919) % buyerCount}`,
    priority: between(1, 3),
    weight: between(1, 100),
    concurrency: chance(0.1) ? between(1, 10) : null,
    caps: chance(0.1) ? [{ count: 'connected', limit: between(10, 100), per: 'day' }] : [],
    group: null,
  };
}

/** A network and a world for tests, each part of it replaceable. */
import type { Buyer, Campaign, Network, Publisher, Route, Trunk } from '../../../src/routing/network.ts';
import { nothingYet, worldOfFigures, type Figures } from '../../../src/routing/figures.ts';
import type { World } from '../../../src/routing/plan.ts';

/** A Wednesday, noon in New York. */
export const noon = Date.parse('2026-11-18T17:00:00Z');

export function buyer(id: string, given: Partial<Buyer> = {}): Buyer {
  return {
    id,
    name: id,
    timezone: 'America/New_York',
    trunk: 'pbx',
    dial: '+12145550111',
    paused: false,
    hours: 'always',
    concurrency: null,
    caps: [],
    spacing: 0,
    accepts: [],
    worth: [],
    bid: null,
    ...given,
  };
}

export function route(buyer: string, priority = 1, weight = 1, given: Partial<Route> = {}): Route {
  return { buyer, priority, weight, concurrency: null, caps: [], group: null, ...given };
}

export function campaign(
  routes: readonly Route[],
  given: Partial<Campaign> = {},
  strategy: Campaign['routing']['strategy'] = 'priority',
  rules: Partial<Campaign['routing']> = {},
): Campaign {
  return {
    id: 'solar',
    name: 'Solar',
    advertiser: null,
    ivr: null,
    media: 'auto',
    record: 'off',
    block: { anonymous: false, callers: new Set() },
    repeatCaller: null,
    concurrency: null,
    caps: [],
    routing: {
      strategy,
      performance: { over: 86_400_000, minCalls: 10, explore: 0 },
      sticky: null,
      failover: { stop: [] },
      ring: 20_000,
      attempts: 3,
      giveUp: 60_000,
      onEarlyHangup: null,
      ringback: 'us',
      noBuyer: null,
      routes,
      ...rules,
    },
    ...given,
  };
}

export function network(
  buyers: readonly Buyer[],
  campaigns: readonly Campaign[],
  given: { trunk?: Partial<Trunk>; publisher?: Partial<Publisher> } = {},
): Network {
  const trunk: Trunk = {
    id: 'pbx',
    uri: 'sip:127.0.0.1:5091',
    transport: 'udp',
    concurrency: null,
    cps: null,
    silentAfter: 2_000,
    breaker: null,
    ...given.trunk,
  };
  const publisher: Publisher = {
    id: 'clickwise',
    name: 'Clickwise',
    concurrency: null,
    caps: [],
    ...given.publisher,
  };
  return {
    country: 'US',
    timezone: 'America/New_York',
    trunks: new Map([[trunk.id, trunk]]),
    buyers: new Map(buyers.map((one) => [one.id, one])),
    campaigns: new Map(campaigns.map((one) => [one.id, one])),
    publishers: new Map([[publisher.id, publisher]]),
    numbers: new Map(
      campaigns.map(({ id }, index) => {
        const number = `+1800555010${index}`;
        return [number, { number, campaign: id, publisher: 'clickwise', source: null }];
      }),
    ),
  };
}

export function world(given: Partial<Figures> = {}): World & Figures {
  const figures: Figures = { ...nothingYet(noon, () => 0), ...given };
  return { ...figures, ...worldOfFigures(figures) };
}

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { Buyer, Campaign, Cap, Network } from '../../../src/routing/network.ts';
import { horizonOf, lookBackOf } from '../../../src/routing/look-back.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 5, 1, 16);

let bare: Network;

beforeAll(async () => {
  const loaded = await loadConfig(join(import.meta.dirname, '../../../config/tollbridge.yaml'), {});
  if (!loaded.ok) throw new Error('the example does not load');
  const { network } = loaded.config;
  bare = {
    ...network,
    buyers: each(network.buyers, (buyer) => ({ ...buyer, caps: [], spacing: 0 })),
    publishers: each(network.publishers, (publisher) => ({ ...publisher, caps: [] })),
    campaigns: each(network.campaigns, (campaign) => plain(campaign)),
  };
});

const each = <Of>(map: ReadonlyMap<string, Of>, change: (one: Of) => Of): ReadonlyMap<string, Of> =>
  new Map([...map].map(([id, one]) => [id, change(one)]));

const plain = (campaign: Campaign): Campaign => ({
  ...campaign,
  caps: [],
  repeatCaller: null,
  routing: {
    ...campaign.routing,
    strategy: 'priority',
    sticky: null,
    routes: campaign.routing.routes.map((route) => ({ ...route, caps: [] })),
  },
});

const cap = (per: Cap['per']): Cap => ({ count: 'connected', limit: 5, per });

describe('how far back a network asks', () => {
  test('without a limit that counts, not at all', () => {
    expect(lookBackOf(bare)).toEqual({ counts: 0, performance: 0, callers: 0 });
    expect(horizonOf(lookBackOf(bare), now)).toEqual({ counts: now, performance: now, callers: now });
  });

  test.each([
    ['hour', 2 * hour, 2 * day],
    ['day', 25 * hour, 3 * day],
    ['week', 7 * day, 9 * day],
    ['month', 31 * day, 33 * day],
  ] as const)('a cap per %s: that long, and not much longer', (per, least, most) => {
    const ofRoute = (campaign: Campaign): Campaign => {
      const { routing } = campaign;
      return {
        ...campaign,
        routing: { ...routing, routes: routing.routes.map((one) => ({ ...one, caps: [cap(per)] })) },
      };
    };
    for (const network of [
      { ...bare, buyers: each(bare.buyers, (one) => ({ ...one, caps: [cap('hour'), cap(per)] })) },
      { ...bare, publishers: each(bare.publishers, (one) => ({ ...one, caps: [cap(per)] })) },
      { ...bare, campaigns: each(bare.campaigns, ofRoute) },
    ]) {
      const { counts } = lookBackOf(network);
      expect(counts).toBeGreaterThanOrEqual(least);
      expect(counts).toBeLessThanOrEqual(most);
    }
  });

  test('a cap for ever asks for all, time between two offers for no more than that', () => {
    const withBuyers = (change: Partial<Buyer>) => ({
      ...bare,
      buyers: each(bare.buyers, (one) => ({ ...one, ...change })),
    });
    expect(horizonOf(lookBackOf(withBuyers({ caps: [cap('ever')] })), now).counts).toBe(0);
    expect(lookBackOf(withBuyers({ spacing: 90_000 })).counts).toBe(90_000);
  });
});

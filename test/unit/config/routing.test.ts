/** What the keys that route calls become: limits, bids, strategies, ring groups, what a call is worth. */
import { expect, test } from 'vitest';
import type { Buyer, Campaign } from '../../../src/routing/network.ts';
import { worthOf } from '../../../src/config/worth.ts';
import { parseConditions } from '../../../src/conditions/parse.ts';
import { base, changed, configOf } from './support.ts';

const helio = '\n  helio: { trunk: sunrise-pbx, dial: "+13125550122" }\nivrs:';
const withHelio = changed('\nivrs:', helio);
const solar = async (from: string, to: string): Promise<Campaign> =>
  (await configOf(changed(from, to, withHelio))).network.campaigns.get('solar')!;
const sunrise = async (from: string, to: string): Promise<Buyer> =>
  (await configOf(changed(from, to))).network.buyers.get('sunrise')!;

test('where nothing is said of it, nothing is limited, sticky, grouped or bid for', async () => {
  const { network } = await configOf(base);
  expect(network.trunks.get('sunrise-pbx')).toMatchObject({ concurrency: null, cps: null });
  expect(network.publishers.get('clickwise')).toMatchObject({ concurrency: null, caps: [] });
  expect(network.buyers.get('sunrise')).toMatchObject({ bid: null });
  expect(network.campaigns.get('solar')).toMatchObject({
    concurrency: null,
    caps: [],
    routing: {
      strategy: 'priority',
      performance: { over: 7 * 86_400_000, minCalls: 20, explore: 0.1 },
      sticky: null,
      failover: { stop: [] },
      routes: [{ buyer: 'sunrise', priority: 1, weight: 1, concurrency: null, caps: [], group: null }],
    },
  });
});

test('limits on trunk, campaign, publisher and route', async () => {
  let text = changed('"sip:127.0.0.1:5091" }', '"sip:127.0.0.1:5091", concurrency: 20, cps: 5 }');
  const caps = 'caps: [ { count: revenue, limit: 99.5, per: week } ]';
  text = changed('ivr: solar\n', `ivr: solar\n    concurrency: 8\n    ${caps}\n`, text);
  text = changed('clickwise: { payout', `clickwise: { concurrency: 3, ${caps}, payout`, text);
  text = changed('{ buyer: sunrise }', `{ buyer: sunrise, concurrency: 2, ${caps} }`, text);
  const { network } = await configOf(text);
  const limits = { caps: [{ count: 'revenue', limit: 99_500_000, per: 'week' }] };
  expect(network.trunks.get('sunrise-pbx')).toMatchObject({ concurrency: 20, cps: 5 });
  expect(network.campaigns.get('solar')).toMatchObject({ concurrency: 8, ...limits });
  expect(network.publishers.get('clickwise')).toMatchObject({ concurrency: 3, ...limits });
  expect(network.campaigns.get('solar')!.routing.routes).toMatchObject([{ concurrency: 2, ...limits }]);
});

test('strategies, what they look back on, sticky callers, answers that end the search', async () => {
  const keys =
    'strategy: best_performing, performance: { over: 14d, min_calls: 0, explore: 2.5% }, sticky: 30d, failover: { stop: [ 486, 6xx, 5XX ] }';
  expect((await solar('routing: {', `routing: { ${keys},`)).routing).toMatchObject({
    strategy: 'best_performing',
    performance: { over: 14 * 86_400_000, minCalls: 0, explore: 0.025 },
    sticky: 30 * 86_400_000,
    failover: { stop: [486, 6, 5] },
  });
});

test('answers that end the search, on trunks, routes and ring groups; where nothing is said, nothing stands', async () => {
  let text = changed(
    '"sip:127.0.0.1:5091" }',
    '"sip:127.0.0.1:5091", failover: { stop: [ 603, 5xx ] } }',
    withHelio,
  );
  const routes = '{ buyer: sunrise, failover: {} }, { buyer: helio }';
  text = changed('{ buyer: sunrise }', routes, text);
  const { trunks, campaigns } = (await configOf(text)).network;
  expect(trunks.get('sunrise-pbx')!.failover).toEqual({ stop: [603, 5] });
  const [own, none] = campaigns.get('solar')!.routing.routes;
  expect(own!.failover).toEqual({ stop: [] });
  expect(none).not.toHaveProperty('failover');

  const group = '{ ring: [ sunrise, helio ], failover: { stop: [ 6xx ] } }';
  expect((await solar('{ buyer: sunrise }', group)).routing.routes.map(({ failover }) => failover)).toEqual([
    { stop: [6] },
    { stop: [6] },
  ]);
});

test('a ring group is a route for each of its buyers, of one group, priority and weight', async () => {
  const { routes } = (
    await solar('{ buyer: sunrise }', '{ ring: [ sunrise, helio ], priority: 2, weight: 7 }')
  ).routing;
  const shared = { priority: 2, weight: 7, concurrency: null, caps: [], group: 'sunrise+helio' };
  expect(routes).toEqual([
    { buyer: 'sunrise', ...shared },
    { buyer: 'helio', ...shared },
  ]);
});

test('a bid', async () => {
  const bidder = async (written: string) =>
    (await sunrise('    caps:', `    bid: ${written}\n    caps:`)).bid;
  expect(await bidder('{ url: "https://bids.example.com/b?k=1" }')).toEqual({
    url: 'https://bids.example.com/b?k=1',
    timeout: 300,
    min: 0,
    share: 'hash',
  });
  expect(await bidder('{ url: "http://127.0.0.1:8", timeout: 5s, min: 12.50, share: number }')).toEqual({
    url: 'http://127.0.0.1:8/',
    timeout: 5_000,
    min: 12_500_000,
    share: 'number',
  });
});

test('what a call is worth: the revenue rules without their clocks', async () => {
  expect((await configOf(base)).network.buyers.get('sunrise')!.worth).toEqual([
    { pays: 45_000_000, when: [] },
  ]);
});

test.each([
  [{ connected: '>= 90s', 'caller.state': 'TX' }, [{ 'caller.state': 'TX' }]],
  [{ inbound: '30s-90s' }, []],
  [{ any: [{ connected: '>= 90s' }, { 'caller.state': 'TX' }] }, []],
  [{ any: [{ 'caller.state': 'OK' }, { 'caller.state': 'TX' }] }, 'the same'],
  [
    { all: [{ connected: '>= 90s' }, { 'caller.state': 'TX' }, { 'tag.a': 'b' }] },
    [{ all: [{ 'caller.state': 'TX' }, { 'tag.a': 'b' }] }],
  ],
  [{ not: { connected: '< 90s' } }, []],
  [{ not: { connected: '< 90s', 'caller.state': 'TX' } }, []],
  [{ not: [{ connected: '< 90s' }, { 'caller.state': 'TX' }] }, [{ not: { 'caller.state': 'TX' } }]],
  [{ 'reported.sale': 'yes', 'caller.state': 'TX' }, [{ 'caller.state': 'TX' }]],
])('%j, its clocks taken as met', (when, left) => {
  const read = (map: unknown) => {
    const parsed = parseConditions(map);
    return parsed.ok ? parsed.conditions : [];
  };
  const [worth] = worthOf([{ pays: { kind: 'flat', amount: 1n }, when: read(when) }], 6);
  const expected = left === 'the same' ? read(when) : (left as readonly unknown[]).flatMap(read);
  expect(worth).toEqual({ pays: 1, when: expected });
});

test.each([
  ['45.00', 45_000_000],
  ['{ per_minute: 1.20, increments: 60/60 }', 6_000_000],
  ['{ per_minute: 0.0125 }', 60_000],
  ['{ tiers: [ { from: 30s, pays: 5.00 }, { from: 90s, pays: 20.00 } ] }', 20_000_000],
  ['{ tiers: [ { from: 30s, pays: 25.00 }, { from: 90s, pays: 20.00 } ] }', 25_000_000],
  ['{ tiers: [ { from: 0s, per_minute: 1.00 }, { from: 4m, per_minute: 0.50 } ] }', 4_500_000],
  ['{ reported: sale, share: 10% }', 0],
])('%s is taken to be worth %i before the call', async (pays, expected) => {
  const { network } = await configOf(changed('pays: 45.00', `pays: ${pays}`));
  expect(network.buyers.get('sunrise')!.worth).toMatchObject([{ pays: expected }]);
});

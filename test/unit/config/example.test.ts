import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { compile } from '../../../src/routing/table.ts';

const file = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');

async function load(env: Record<string, string> = {}): Promise<Config> {
  const result = await loadConfig(file, env);
  expect(result.problems).toEqual([]);
  if (!result.ok) throw new Error('does not load');
  return result.config;
}

describe('the example', () => {
  test('loads without a word, and compiles', async () => {
    const { network } = await load();
    expect(compile(network).number('+18005550100')).toMatchObject({
      publisher: 'clickwise',
      source: 'google-ads',
    });
  });

  test('buyers: hours by weekday, over midnight, closed on a date', async () => {
    const { network } = await load();
    const { hours } = network.buyers.get('sunrise')!;
    if (hours === 'always') throw new Error('sunrise closes');
    expect(hours.weekly.get(1)).toEqual([
      { from: 480, to: 720 },
      { from: 780, to: 1080 },
    ]);
    expect(hours.weekly.get(6)).toEqual([{ from: 600, to: 840 }]);
    expect(hours.weekly.has(7)).toBe(false);
    expect(hours.except.get('2026-12-25')).toEqual([]);
    expect(network.buyers.get('helio')!.hours).toBe('always');
    expect(network.buyers.get('brightside')!.hours).toMatchObject({
      weekly: new Map(
        [1, 2, 3, 4, 5, 6, 7].map((day) => [
          day,
          [
            { from: 1320, to: 120 },
            { from: 360, to: 1200 },
          ],
        ]),
      ),
    });
  });

  test('buyers: zones from the nearest above, caps with money in micro-units', async () => {
    const { network } = await load();
    expect(network.buyers.get('sunrise')!.timezone).toBe('America/Chicago');
    expect(network.buyers.get('helio')!.timezone).toBe('America/New_York');
    expect(network.buyers.get('sunrise')!.caps).toEqual([
      { count: 'connected', limit: 40, per: 'day' },
      { count: 'converted', limit: 500, per: 'month' },
      { count: 'revenue', limit: 20_000_000_000, per: 'month' },
    ]);
  });

  test('the menu: yes and no stay text, what is not said leads to the buyers', async () => {
    const { network } = await load();
    const steps = network.campaigns.get('solar')!.ivr!.steps;
    expect(steps.get('homeowner')).toMatchObject({
      kind: 'menu',
      timeout: 6_000,
      choices: new Map([
        ['1', { set: { homeowner: 'yes' }, go: 'zip' }],
        ['2', { set: { homeowner: 'no' }, go: 'route' }],
      ]),
      otherwise: { set: { homeowner: 'unknown' }, go: 'route' },
    });
    expect(steps.get('zip')).toMatchObject({ kind: 'gather', digits: 5, into: 'zip', next: { go: 'route' } });
  });

  test('terms: amounts exact, shares in parts per million, a publisher with rules of its own', async () => {
    const { terms } = await load();
    expect(terms).toMatchObject({ currency: 'USD', minorDigits: 2 });
    expect(terms.buyers.get('sunrise')!.revenue[0]!.pays).toEqual({ kind: 'flat', amount: 45_000_000n });
    expect(terms.campaigns.get('solar')!.payout.map(({ pays }) => pays)).toEqual([
      { kind: 'flat', amount: 30_000_000n },
      { kind: 'share', ppm: 600_000, round: 'half_even' },
      { kind: 'flat', amount: 4_500_000n },
    ]);
    expect(terms.campaigns.get('solar/homeleads')).toMatchObject({
      campaign: 'solar',
      payout: [{ pays: { kind: 'flat', amount: 35_000_000n } }],
      oncePerCaller: 30 * 86_400_000,
    });
  });

  test('the pool holds its whole range, and knows who draws from it', async () => {
    const pool = (await load()).pools.get('us-toll-free')!;
    expect(pool.numbers).toHaveLength(50);
    expect([pool.numbers[0], pool.numbers.at(-1)]).toEqual(['+18005550100', '+18005550149']);
    expect(pool).toMatchObject({ carrier: 'voxlink', coolOff: 30 * 86_400_000, campaigns: ['solar'] });
  });

  test('the switch: an empty token is none, the environment fills in secrets', async () => {
    const config = await load({ SUNRISE_PASSWORD: 'hunter2' });
    expect(config.http).toEqual({
      ...{ host: '127.0.0.1', port: 8080, token: null },
      rate: { token: 1200, address: 3000 },
    });
    expect(config.limits).toEqual({
      ...{ maxCalls: 500, cps: null, stall: 200, maxCall: 7_200_000 },
      ...{ drain: 30_000, rtpTimeout: 300_000 },
    });
    expect(config.network.trunks.get('sunrise-pbx')!.auth).toEqual({ username: 'acme', password: 'hunter2' });
    expect(config.engine.sip).toEqual({
      kind: 'embedded',
      listen: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'],
    });
  });

  test('the demo loads as well', async () => {
    const demo = await loadConfig(resolve(file, '../demo.yaml'), {});
    expect(demo.problems).toEqual([]);
  });
});

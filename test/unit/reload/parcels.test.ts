import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Config, LoadResult } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { pack, transferable, Unpacking, type Loaded } from '../../../src/reload/parcels.ts';
import type { Campaign, TrackingNumber } from '../../../src/routing/network.ts';
import { inParts } from '../../../src/settlement/terms-parts.ts';

const example = join(import.meta.dirname, '../../../config/tollbridge.yaml');

async function loaded(): Promise<Config> {
  const result = await loadConfig(example, {});
  if (!result.ok) throw new Error('the example does not load');
  return result.config;
}

/** As between threads: what is transferred is gone here. */
function carried(result: LoadResult): { whole: Loaded; parcels: number } {
  const unpacking = new Unpacking();
  let parcels = 0;
  for (const parcel of pack(result)) {
    parcels++;
    const whole = unpacking.take(structuredClone(parcel, { transfer: transferable(parcel) }));
    if (whole) return { whole, parcels };
  }
  throw new Error('the parcels came to no end');
}

test('a config comes over whole', async () => {
  const config = await loaded();
  const { network, terms, ...settings } = config;
  const numbers = [...network.numbers].sort();
  const { whole } = carried({ ok: true, config, problems: [] });
  if (!whole.ok) throw new Error('refused');
  const { numbers: came, ...rest } = whole.config.network;
  const { numbers: _numbers, ...sent } = network;
  expect(rest).toEqual(sent);
  expect([...came].sort()).toEqual(numbers);
  expect(came.get('+18005550100')).toEqual(numbers[0]?.[1]);
  expect(came.get('+18005559999')).toBeUndefined();
  const { network: _network, ...restOfSettings } = whole.config;
  expect(restOfSettings).toMatchObject(settings);
  expect(whole.terms).toEqual(inParts(terms));
});

test('no parcel of a great network holds more than a few hundred routes, and its numbers are handed over', async () => {
  const config = await loaded();
  const [solar] = config.network.campaigns.values();
  if (!solar) throw new Error('the example has no campaign');
  const routes = Array.from({ length: 200 }, () => ({ ...solar.routing.routes[0]!, caps: [] }));
  const campaigns = Array.from({ length: 300 }, (_, n): readonly [string, Campaign] => {
    return [`c${n}`, { ...solar, id: `c${n}`, routing: { ...solar.routing, routes } }];
  });
  const numbers = Array.from({ length: 5_000 }, (_, n): readonly [string, TrackingNumber] => {
    const number = `+1800555${String(n).padStart(4, '0')}`;
    return [number, { number, campaign: `c${n % 300}`, publisher: 'clickwise', source: null }];
  });
  const network = { ...config.network, campaigns: new Map(campaigns), numbers: new Map(numbers) };
  const result: LoadResult = { ok: true, config: { ...config, network }, problems: [] };
  for (const parcel of pack(result)) {
    if (parcel.kind === 'campaigns') {
      expect(parcel.entries.flatMap(([, { routing }]) => routing.routes).length).toBeLessThanOrEqual(400);
    }
    expect(transferable(parcel)).toHaveLength(parcel.kind === 'numbers' ? 3 : 0);
  }
  const { whole, parcels } = carried(result);
  expect(parcels).toBeGreaterThan(300);
  if (!whole.ok) throw new Error('refused');
  expect(whole.config.network.campaigns.size).toBe(300);
  const uncapped = [...whole.config.network.campaigns.values()].flatMap(({ routing }) => routing.routes);
  expect(new Set(uncapped.map(({ caps }) => caps)).size).toBeLessThanOrEqual(300);
  expect(whole.config.network.numbers.size).toBe(5_000);
  expect(whole.config.network.numbers.get('+18005550301')?.campaign).toBe('c1');
});

test('what is wrong comes over with where it may be put right', () => {
  const problem = {
    severity: 'error',
    file: '/x.yaml',
    path: 'buyers',
    line: 1,
    column: 1,
    message: '',
    hint: '',
  } as const;
  const refused = { ok: false, problems: [problem], files: ['/x.yaml'], folders: ['/y'] } as const;
  expect(carried(refused).whole).toEqual(refused);
});

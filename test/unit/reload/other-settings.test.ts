import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { otherSettings } from '../../../src/reload/other-settings.ts';
import type { Standing } from '../../../src/reload/parcels.ts';

let running: Standing;
beforeAll(async () => {
  const loaded = await loadConfig(join(import.meta.dirname, '../../../config/tollbridge.yaml'), {});
  if (!loaded.ok) throw new Error('the example does not load');
  running = loaded.config;
});

const slices = { yield: () => Promise.resolve() };
const pool = (numbers: readonly string[]) =>
  new Map([['us', { id: 'us', carrier: 'voxlink', numbers, coolOff: 0, low: 0, campaigns: [] }]]);
const numbers = Array.from({ length: 25_000 }, (_, index) => `+1800${5_000_000 + index}`);

test('what is as it was is not named, nor is what the table is made of', async () => {
  expect(await otherSettings(running, structuredClone(running), slices)).toEqual([]);
  const next: Standing = { ...running, hash: 'other', network: { ...running.network, buyers: new Map() } };
  expect(await otherSettings(running, next, slices)).toEqual([]);
});

test.each<[string[], (config: Standing) => Standing]>([
  [['limits'], (config) => ({ ...config, limits: { ...config.limits, maxCalls: 1 } })],
  [['carriers'], (config) => ({ ...config, carriers: [] })],
  [['tokens'], (config) => ({ ...config, tokens: new Map([['sunrise', 'another']]) })],
  [
    ['log', 'trace'],
    (config) => ({ ...config, log: { ...config.log, level: 'debug' }, trace: { calls: 7 } }),
  ],
  [
    ['trunks.auth'],
    (config) => {
      const [first] = [...config.network.trunks.values()];
      if (!first) throw new Error('the example has no trunk');
      const trunk = { ...first, auth: { username: 'a', password: 'b' } };
      return {
        ...config,
        network: { ...config.network, trunks: new Map([...config.network.trunks, [trunk.id, trunk]]) },
      };
    },
  ],
  [['pools'], (config) => ({ ...config, pools: pool(numbers) })],
])('%j is named', async (names, change) => {
  expect(await otherSettings(running, change(running), slices)).toEqual(names);
});

test('of a large pool one other number is found, in slices', async () => {
  let slicesTaken = 0;
  const counted = {
    yield: () => {
      slicesTaken++;
      return Promise.resolve();
    },
  };
  const before: Standing = { ...running, pools: pool(numbers) };
  expect(await otherSettings(before, { ...before, pools: pool([...numbers]) }, counted)).toEqual([]);
  expect(slicesTaken).toBe(3);
  const next = { ...before, pools: pool(numbers.with(20_001, '+18009999999')) };
  expect(await otherSettings(before, next, counted)).toEqual(['pools']);
});

import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { Standing } from '../../../src/reload/parcels.ts';
import { asFarAsItGoes, needsRestart } from '../../../src/reload/restart.ts';

let running: Standing;
beforeAll(async () => {
  const loaded = await loadConfig(join(import.meta.dirname, '../../../config/tollbridge.yaml'), {});
  if (!loaded.ok) throw new Error('the example does not load');
  running = loaded.config;
});

test('nothing that a reload takes over needs a restart', () => {
  const next: Standing = {
    ...running,
    hash: 'other',
    carriers: [],
    limits: { ...running.limits, maxCalls: 1 },
  };
  expect(needsRestart(running, next)).toEqual([]);
  expect(asFarAsItGoes(running, next)).toEqual(next);
});

test.each<[string[], (config: Standing) => Standing]>([
  [['data'], (config) => ({ ...config, data: '/elsewhere' })],
  [['database'], (config) => ({ ...config, database: { url: 'postgres://db/tollbridge' } })],
  [['http.listen'], (config) => ({ ...config, http: { ...config.http, port: 1 } })],
  [['http.token'], (config) => ({ ...config, http: { ...config.http, token: 'other' } })],
  [
    ['http.rate'],
    (config) => ({ ...config, http: { ...config.http, rate: { ...config.http.rate, token: 1 } } }),
  ],
  [
    ['engine.listen'],
    (config) => ({
      ...config,
      engine: { ...config.engine, sip: { kind: 'embedded', listen: ['udp:127.0.0.1:5999'] } },
    }),
  ],
  [
    ['engine.sip', 'engine.listen'],
    (config) => ({
      ...config,
      engine: { ...config.engine, sip: { kind: 'drachtio', host: 'sip', port: 9022, secret: 'cymru' } },
    }),
  ],
  [
    ['engine.media'],
    (config) => ({ ...config, engine: { ...config.engine, media: { kind: 'freeswitch', servers: [] } } }),
  ],
])('%j is named, and what runs goes on', (names, change) => {
  const next = change(running);
  expect(needsRestart(running, next)).toEqual(names);
  expect(asFarAsItGoes(running, next)).toEqual(running);
});

test('which FreeSWITCHes there are is taken over, where there are any', () => {
  const server = { host: 'one', port: 8021, secret: 'ClueCon', weight: 1, sessions: null, drain: false };
  const withServers = (...servers: (typeof server)[]): Standing => ({
    ...running,
    engine: { ...running.engine, media: { kind: 'freeswitch', servers } },
  });
  const next = withServers({ ...server, drain: true }, { ...server, host: 'two' });
  expect(needsRestart(withServers(server), next)).toEqual([]);
  expect(asFarAsItGoes(withServers(server), next).engine).toEqual(next.engine);
});

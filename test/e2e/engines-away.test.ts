import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { writeSwitchConfig } from '../support/switch-config.ts';
import { tollbridge } from '../support/switch.ts';

test('serve names each server that it cannot use, in a line with what to change, exit 1, before it starts anything', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-away-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const [drachtio, first, second] = [await freePort(), await freePort(), await freePort()];
  const host = '127.0.0.1';
  const file = await writeSwitchConfig(
    directory,
    {
      buyers: { sunrise: {} },
      campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
      engine: {
        sip: { drachtio: { host, port: drachtio, secret: 'x' } },
        media: { freeswitch: [first, second].map((port) => ({ host, port, secret: 'x' })) },
      },
    },
    { sip: 5060, http: await freePort(), trunks: new Map([['sunrise', 5091]]) },
  );
  const data = join(directory, 'data');
  const { code, stdout, stderr } = await tollbridge('serve', '--config', file, '--data', data);
  expect(code).toBe(1);
  expect(stdout).not.toContain('ready');
  const told = stderr.split('\n').filter((line) => line.startsWith('refused: '));
  const missing = 'cannot be reached: nothing listens there. Start it; ';
  expect(told).toEqual([
    expect.stringContaining(
      `refused: drachtio at ${host}:${drachtio} ${missing}host and port in engine.sip.drachtio`,
    ),
    expect.stringContaining(`refused: FreeSWITCH at ${host}:${first} ${missing}`),
    expect.stringContaining(`refused: FreeSWITCH at ${host}:${second} ${missing}`),
  ]);
  await expect(access(join(data, 'postgres'))).rejects.toThrow();
});

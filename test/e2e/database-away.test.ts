import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { world } from '../../scripts/drill/world.ts';
import { freePort } from '../support/ports.ts';
import { writeSwitchConfig } from '../support/switch-config.ts';

test('serve without its database does not exit: it says that it waits, until it is told to stop', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-away-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const ports = { sip: await freePort(), http: await freePort() };
  const trunks = new Map<string, number>();
  for (const buyer of Object.keys(world.buyers)) trunks.set(buyer, await freePort());
  const config = await writeSwitchConfig(directory, world, { ...ports, trunks });
  const serve = spawn(
    process.execPath,
    ['scripts/tollbridge.js', 'serve', '--config', config, '--data', join(directory, 'data')],
    {
      env: { ...process.env, DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${await freePort()}/calls` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void serve.kill('SIGKILL'));
  const said: string[] = [];
  const exited = once(serve, 'exit');
  createInterface({ input: serve.stderr }).on('line', (line) => said.push(line));
  const waits = () => said.filter((line) => line.includes('"waiting_for_database"'));
  await expect.poll(() => waits().length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(waits()[0]).toContain('ECONNREFUSED');
  expect(waits().join()).not.toContain('secret');
  expect((await fetch(`http://127.0.0.1:${ports.http}/readyz`)).status).toBe(503);
  expect(serve.exitCode).toBeNull();
  serve.kill('SIGTERM');
  expect(await exited).toEqual([null, 'SIGTERM']);
}, 40_000);

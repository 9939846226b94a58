/** `simulate --running` of a number that the config gives to nobody: whose it is, the switch knows. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Held } from '../../../src/routing/held.ts';
import { Leases } from '../../../src/calls/counts/leases.ts';
import { Performance } from '../../../src/calls/counts/performance.ts';
import { snapshotOf } from '../../../src/calls/shown/snapshot.ts';
import { Tally } from '../../../src/calls/counts/tally.ts';
import { Trunks } from '../../../src/calls/trunks/trunks.ts';
import { UsageBook } from '../../../src/calls/counts/usage.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { listen } from '../../../src/http/server.ts';
import { compile } from '../../../src/routing/table.ts';
import { httpOptions } from '../../support/http-options.ts';
import { tollbridge } from './support.ts';

const example = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');
const holders = new Map<string, Held>();
const held = (number: string, change: Partial<Held> = {}) => {
  holders.set(number, {
    ...{ campaign: 'solar', publisher: 'adroit', source: 'radio', paused: false },
    ...change,
  });
  return number;
};

let directory: string;
let config: string;
let stop: () => Promise<void>;
const usages = new UsageBook(() => 'UTC');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollbridge-simulate-'));
  config = join(directory, 'tollbridge.yaml');
  const loaded = await loadConfig(example, {});
  if (!loaded.ok) throw new Error('the example loads');
  const table = { hash: loaded.config.hash, routing: compile(loaded.config.network) };
  const floor = {
    ...{ usages, tally: new Tally(usages), performance: new Performance(0), dice: () => 0 },
    trunks: new Trunks(
      { probe: () => Promise.reject(new Error('is not asked here')) },
      { trunkChanged: () => undefined, trunkBreaker: () => undefined },
    ),
    ...{ now: () => Date.now(), table: () => table, held: (number: string) => holders.get(number) ?? null },
  };
  const listening = await listen(httpOptions({ world: (call) => snapshotOf(floor, call) }));
  if (!listening.ok) throw new Error(listening.problem);
  stop = listening.close;
  await cp(join(dirname(example), 'prompts'), join(directory, 'prompts'), { recursive: true });
  const text = await readFile(example, 'utf8');
  await writeFile(config, text.replace('"127.0.0.1:8080"', `"${new URL(listening.url).host}"`));
});
afterAll(async () => {
  await stop();
  await rm(directory, { recursive: true });
});

/** A Monday, 09:30 in Chicago. */
const call = ['--from', '+12145550123', '--at', '2026-03-02T09:30-06:00', '--set', 'ivr.homeowner=yes'];
const simulate = async (to: string, ...words: string[]) => {
  const { stdout, code } = await tollbridge('simulate', '--config', config, '--to', to, ...call, ...words);
  expect(code).toBe(0);
  return stdout;
};
const answer = async (to: string, ...words: string[]): Promise<unknown> =>
  JSON.parse(await simulate(to, '--json', ...words));

test('it is routed as the live call would be: for who holds it, with the counters of the switch', async () => {
  const to = held('+18005550120');
  expect(await answer(to)).toMatchObject({ outcome: 'reject', reason: 'unknown_number' });
  expect(await answer(to, '--running')).toMatchObject({
    ...{ outcome: 'dial', reason: null, campaign: 'solar', publisher: 'adroit', source: 'radio' },
    plan: [{ buyer: 'sunrise' }, { buyer: 'helio' }],
  });
  const leases = new Leases(usages);
  for (const live of ['live-1', 'live-2'])
    leases.take({ call: live, buyer: 'helio', subjects: ['buyer:helio'], worth: 0 }, () => null);
  expect(await answer(to, '--running')).toMatchObject({
    left_out: expect.arrayContaining([
      expect.objectContaining({ buyer: 'helio', rule: 'concurrency', seen: 2 }),
    ]),
  });
});

test('it says in words that who holds a number is asked with --running', async () => {
  expect(await simulate(held('+18005550121'))).toContain('--running');
  expect(await simulate('+18005550149', '--running')).toMatch(/none of ours\n$/);
});

test('the tags of the visit that it is lent to are known of the call, unless others are supposed', async () => {
  const to = held('+18005550122', { tags: { utm_campaign: 'spring' } });
  expect(await simulate(to, '--running')).toContain('publisher adroit, source radio');
  const snapshot = await fetch(
    `http://${new URL(await addressOf()).host}/api/v1/world?number=%2B18005550122`,
  );
  expect(await snapshot.json()).toMatchObject({
    number: { campaign: 'solar', publisher: 'adroit', paused: false, tags: { utm_campaign: 'spring' } },
  });
});

test('its publisher is paused, its campaign gone, nobody holds it: refused as the call would be', async () => {
  const paused = held('+18005550123', { paused: true });
  expect(await answer(paused, '--running')).toMatchObject({
    ...{ outcome: 'reject', reason: 'publisher_paused', publisher: 'adroit', plan: [] },
  });
  expect(await simulate(paused, '--running')).toContain('its publisher is paused');
  for (const to of [held('+18005550124', { campaign: 'gone' }), '+18005550125', 'x'])
    expect(await answer(to, '--running')).toMatchObject({
      ...{ outcome: 'reject', reason: 'unknown_number', publisher: null, plan: [] },
    });
});

test('what the config gives is as the config says, whoever holds it', async () => {
  expect(await answer(held('+18005550100'), '--running')).toMatchObject({ publisher: 'clickwise' });
});

const addressOf = async (): Promise<string> => {
  const text = await readFile(config, 'utf8');
  return `http://${/listen: "(127[^"]+)" +#/.exec(text)?.[1] ?? ''}`;
};

import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededDice } from '../../../src/replay/seeded-dice.ts';
import { tollbridge } from './support.ts';

const config = resolve(import.meta.dirname, '../../../config/tollbridge.yaml');
/** A Monday, 09:30 in Chicago: sunrise is open. */
const monday = ['--at', '2026-03-02T09:30-06:00'];
const texan = ['--from', '+12145550123'];
const owner = ['--set', 'ivr.homeowner=yes'];

interface Answer {
  outcome: string;
  reason: string | null;
  plan: { buyer: string }[];
  left_out: { buyer: string; rule: string; about?: string; seen: unknown; limit: unknown }[];
}

const simulated = (...args: string[]) =>
  tollbridge('simulate', '--config', config, '--to', '18005550100', ...args);

async function answer(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await simulated(...args, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answer;
}

const buyers = ({ plan }: Answer): string[] => plan.map(({ buyer }) => buyer).sort();
const leftOut = ({ left_out }: Answer, buyer: string) => left_out.find((one) => one.buyer === buyer);

test('the whole answer', async () => {
  expect(await answer(...texan, ...monday, ...owner, '--live', 'helio=2')).toEqual({
    outcome: 'dial',
    reason: null,
    campaign: 'solar',
    publisher: 'clickwise',
    source: 'google-ads',
    plan: [{ buyer: 'sunrise', trunk: 'sunrise-pbx', dial: '+12145550111', priority: 1 }],
    left_out: [
      { buyer: 'helio', rule: 'concurrency', seen: 2, limit: 2 },
      { buyer: 'brightside', rule: 'accepts', about: 'ivr.homeowner', seen: 'yes', limit: 'no' },
    ],
    table: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
});

describe('every rule can be asked for', () => {
  test.each([
    [
      'accepts',
      ['--from', '+13125550123', ...monday, ...owner],
      'sunrise',
      { seen: 'IL', limit: ['TX', 'OK', 'NM'] },
    ],
    ['accepts', [...texan, ...monday], 'helio', { about: 'ivr.homeowner', seen: null, limit: 'yes' }],
    [
      'hours',
      [...texan, '--at', '2026-12-25T09:30-06:00', ...owner],
      'sunrise',
      { about: 'America/Chicago' },
    ],
    [
      'cap',
      [...texan, ...monday, ...owner, '--count', 'sunrise.connected.day=40'],
      'sunrise',
      { about: 'connected.day', seen: 40, limit: 40 },
    ],
    [
      'cap',
      [...texan, ...monday, ...owner, '--count', 'sunrise.revenue.month=20000.00'],
      'sunrise',
      { seen: '20000.00', limit: '20000.00' },
    ],
    ['concurrency', [...texan, ...monday, ...owner, '--live', 'sunrise=5'], 'sunrise', { seen: 5, limit: 5 }],
    [
      'cap',
      [...texan, ...monday, ...owner, '--count', 'buyer:sunrise.connected.day=40'],
      'sunrise',
      { about: 'connected.day', seen: 40, limit: 40 },
    ],
    ['trunk_down', [...texan, ...monday, ...owner, '--down', 'helio-pbx'], 'helio', { about: 'helio-pbx' }],
    [
      'repeat_caller',
      [...texan, ...monday, ...owner, '--seen', 'sunrise=2d'],
      'sunrise',
      { seen: 172_800_000 },
    ],
  ])('%s', async (rule, args, buyer, figures) => {
    expect(leftOut(await answer(...args), buyer)).toMatchObject({ rule, ...figures });
  });
});

test('what a limit is held on is named as in the answer', async () => {
  const wrong = async (...args: string[]) => (await simulated(...texan, ...args)).stderr;
  expect(await wrong('--live', 'trunk:sunrise=1')).toContain('there is no trunk "sunrise"');
  expect(await wrong('--live', 'campain:solar=1')).toContain('"campain:solar" names nothing that has limits');
  expect(await wrong('--count', 'route:solar/sunrize.connected.day=1')).toContain('no buyer "sunrize"');
  expect(await wrong('--bid', 'helio=NaN')).toContain('"NaN" is not an amount of money');
});

test('below its limits a buyer stays in the plan', async () => {
  const counts = [
    '--live',
    'sunrise=4',
    '--count',
    'sunrise.connected.day=39',
    '--count',
    'sunrise.revenue.month=19999.99',
  ];
  expect(buyers(await answer(...texan, ...monday, ...owner, ...counts))).toEqual(['helio', 'sunrise']);
});

test('a time without an offset is on the clock of the network', async () => {
  // 18:30 in New York is 17:30 in Chicago, where sunrise closes at 18:00; an hour later it is closed.
  const at = async (time: string) => buyers(await answer(...texan, ...owner, '--at', time));
  expect(await at('2026-03-02T18:30')).toEqual(['helio', 'sunrise']);
  expect(await at('2026-03-02T19:30')).toEqual(['helio']);
});

test('the dice are seeded: the same seed, the same order; over many seeds, the weights', async () => {
  const first = async (seed: number) =>
    (await answer(...texan, ...monday, ...owner, '--seed', String(seed))).plan[0]?.buyer;
  expect(await first(7)).toBe(await first(7));
  const dice = seededDice(1);
  const throws = Array.from({ length: 10_000 }, () => dice());
  expect(throws.every((thrown) => thrown >= 0 && thrown < 1)).toBe(true);
  expect(throws.reduce((sum, thrown) => sum + thrown, 0) / throws.length).toBeCloseTo(0.5, 1);
});

describe('calls that are refused are answers all the same', () => {
  test('unknown number, blocked caller, withheld caller', async () => {
    const unknown = await tollbridge(
      'simulate',
      '--config',
      config,
      '--to',
      '+18005559999',
      ...texan,
      '--json',
    );
    expect(unknown.code).toBe(0);
    expect(JSON.parse(unknown.stdout)).toMatchObject({
      outcome: 'reject',
      reason: 'unknown_number',
      campaign: null,
      publisher: null,
      source: null,
      plan: [],
      left_out: [],
    });
    expect(await answer('--from', '+12125550000')).toMatchObject({ outcome: 'reject', reason: 'blocked' });
    expect(await answer('--from', 'anonymous')).toMatchObject({ outcome: 'reject', reason: 'blocked' });
  });

  test('no buyer', async () => {
    expect(await answer(...texan, ...monday)).toMatchObject({ outcome: 'reject', reason: 'no_buyer' });
  });
});

test('in words for people', async () => {
  const { code, stdout } = await simulated(
    '--from',
    '+13125550123',
    ...monday,
    ...owner,
    '--live',
    'helio=2',
  );
  expect(code).toBe(0);
  expect(stdout).toContain(
    '+13125550123 calls +18005550100\ncampaign solar, publisher clickwise, source google-ads; table ',
  );
  expect(stdout).toContain('would find no buyer');
  expect(stdout).toContain('caller.state is IL, it takes TX, OK or NM');
  expect(stdout).toContain('busy: 2 live, it takes 2 at once');
});

test('spans in the table have their units', async () => {
  const { stdout } = await simulated(...texan, ...monday, ...owner, '--seen', 'sunrise=49.5h');
  expect(stdout).toMatch(
    /sunrise +│ repeat_caller +│ 2 d 1 h +│ 30 d +│ saw this caller 2 d 1 h ago, not again within 30 d/,
  );
});

describe('wrong usage is 2', () => {
  test.each([
    [['--from', 'bob'], '"bob" is not a telephone number'],
    [[...texan, '--live', 'sunrize=2'], 'there is no buyer "sunrize": did you mean "sunrise"?'],
    [[...texan, '--live', 'sunrise'], '"sunrise" assigns nothing'],
    [[...texan, '--live', 'sunrise=many'], '"many" is not a whole number'],
    [[...texan, '--count', 'sunrise.connected=4'], '"sunrise.connected" names no period'],
    [[...texan, '--count', 'sunrise.conected.day=4'], 'did you mean "connected"?'],
    [[...texan, '--set', 'homeowner=yes'], '"homeowner" is not an attribute'],
    [
      [...texan, '--set', 'caller.sate=TX'],
      '"caller.sate" is not an attribute: did you mean "caller.state"?',
    ],
    [[...texan, '--set', 'call.our=9'], '"call.our" is not an attribute: did you mean "call.hour"?'],
    [
      [...texan, '--count', 'sunrise.converted.day=4'],
      'sunrise has no cap on converted.day: did you mean "connected.day"?',
    ],
    [[...texan, '--count', 'helio.connected.day=4'], 'helio has no cap on connected.day: it has none'],
    [[...texan, '--count', 'campaign:solar.revenue.month=4'], 'campaign:solar has no cap on revenue.month'],
    [[...texan, '--count', 'trunk:helio-pbx.connected.day=4'], 'trunk:helio-pbx has no cap'],
    [[...texan, '--at', 'tomorrow'], '"tomorrow" is not a time'],
    [[...texan, '--down', 'helio'], 'there is no trunk "helio"'],
    [[...texan, '--seed', 'x'], '"x" is not a whole number'],
    [[], "required option '--from <number>' not specified"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await simulated(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });
});

test('a config with errors is told, exit 1', async () => {
  const { code, stderr } = await tollbridge('simulate', '--config', '/nowhere.yaml', '--to', '1', ...texan);
  expect(code).toBe(1);
  expect(stderr).toContain('/nowhere.yaml: error: does not exist');
});

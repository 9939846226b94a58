import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { readConfig } from '../../../src/config/load.ts';
import type { AttemptToReplay, CallToReplay } from '../../../src/records/calls-to-replay.ts';
import { compare, Comparing } from '../../../src/replay/compare.ts';
import { conductsIn } from '../../../src/replay/conduct.ts';
import { Replay, replay } from '../../../src/replay/replay.ts';
import type { Decided } from '../../../src/replay/replayed-call.ts';
import { seededDice } from '../../../src/replay/seeded-dice.ts';
import type { Past } from '../../../src/replay/stage.ts';
import { capSums, keyOf } from '../../../src/settlement/cap-sums.ts';

interface Said {
  /** What stands beside trunk and dial of each buyer, in YAML. */
  readonly sunrise?: string;
  readonly helio?: string;
  readonly routes?: string;
  readonly campaign?: string;
  readonly routing?: string;
  readonly publisher?: string;
}

const pays = (amount: string) => `revenue: [ { pays: ${amount}, when: { connected: ">= 60s" } } ]`;

async function config(said: Said = {}): Promise<Config> {
  const text = `
network: { name: Test, country: US, timezone: America/New_York, currency: USD }
carriers: { voxlink: { from: [ 127.0.0.0/8 ] } }
pools: { toll-free: { carrier: voxlink, numbers: [ "+18005550100" ] } }
trunks: { pbx: { uri: "sip:127.0.0.1:5091" } }
buyers:
  sunrise: { trunk: pbx, dial: "+12145550111", hours: always, ${said.sunrise ?? pays('45.00')} }
  helio: { trunk: pbx, dial: "+13125550122", hours: always, ${said.helio ?? pays('40.00')} }
campaigns:
  solar:
    pool: toll-free
    ${said.campaign ?? ''}
    routing:
      strategy: priority
      ring: 20s
      attempts: 3
      give_up: 60s
      ${said.routing ?? ''}
      routes: ${said.routes ?? '[ { buyer: sunrise, priority: 1 }, { buyer: helio, priority: 2 } ]'}
    payout: [ { pays: 50%, when: { connected: ">= 60s" } } ]
publishers: { clickwise: { name: Clickwise${said.publisher ?? ''} } }
numbers: { "+18005550100": { campaign: solar, publisher: clickwise } }
`;
  const read = await readConfig('/test.yaml', text, {});
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

const noon = Date.parse('2026-11-18T17:00:00Z');
const nothing: Past = {
  quarters: [],
  callers: [],
  paid: [],
  paidOut: new Map(),
  holders: () => null,
};
let calls = 0;

/** A call that was offered to these buyers, one after the other: seconds of talk, or the status of a refusal. */
function call(
  at: number,
  tried: Record<string, { talks: number } | { status: number }>,
  given: Partial<CallToReplay> = {},
) {
  const startedAt = noon + at * 1_000;
  let now = startedAt;
  const attempts = Object.entries(tried).map(([buyer, took]): AttemptToReplay => {
    const started = now;
    now += 2_000;
    const answeredAt = 'talks' in took ? now : null;
    if ('talks' in took) now += took.talks * 1_000;
    return {
      ...{ buyer, bid: null, startedAt: started, answeredAt, endedAt: now },
      result: 'talks' in took ? 'answered' : took.status === 486 ? 'busy' : 'refused',
      status: 'status' in took ? took.status : 200,
    };
  });
  const connected = attempts.find(({ result }) => result === 'answered');
  const made: CallToReplay = {
    id: `call-${++calls}`,
    reported: new Map(),
    startedAt,
    answeredAt: connected?.answeredAt ?? null,
    connectedAt: connected?.answeredAt ?? null,
    endedAt: now,
    from: `+1214555${String(calls).padStart(4, '0')}`,
    to: '+18005550100',
    campaign: 'solar',
    publisher: 'clickwise',
    attributes: { 'call.campaign': 'solar', 'call.publisher': 'clickwise' },
    cause: connected ? 'caller_hangup' : 'no_buyer',
    routed: true,
    buyer: connected?.buyer ?? null,
    revenue: 0n,
    payout: 0n,
    attempts,
    ...given,
  };
  return made;
}

const outcomes = async (said: Said, given: readonly CallToReplay[], past = nothing) =>
  replay(await config(said), past, given).map(({ outcome, buyer, revenue, payout }) => [
    buyer ?? outcome,
    Number(revenue) / 1e6,
    Number(payout) / 1e6,
  ]);

describe('under the config of the record, calls come to what they came to', () => {
  test.each<[string, Parameters<typeof call>[1], [string, number, number]]>([
    ['the first buyer answers', { sunrise: { talks: 90 } }, ['sunrise', 45, 22.5]],
    ['talk below the threshold pays nothing', { sunrise: { talks: 30 } }, ['sunrise', 0, 0]],
    [
      'the second after the first was busy',
      { sunrise: { status: 486 }, helio: { talks: 61 } },
      ['helio', 40, 20],
    ],
    ['nobody answers', { sunrise: { status: 486 }, helio: { status: 480 } }, ['no_answer', 0, 0]],
  ])('%s', async (_, tried, came) => {
    expect(await outcomes({}, [call(0, tried)])).toEqual([came]);
  });

  test('a call that ended before a buyer was looked for stays as it was', async () => {
    const ended = call(0, {}, { routed: false, cause: 'menu_hangup' });
    expect(await outcomes({}, [ended])).toEqual([['not_routed', 0, 0]]);
  });

  test('a number that the config lacks, a caller that it blocks', async () => {
    const strange = call(0, { sunrise: { talks: 90 } }, { to: '+18005559999' });
    const unwanted = call(1, { sunrise: { talks: 90 } }, { from: null });
    expect(await outcomes({ campaign: 'block: { anonymous: true }' }, [strange, unwanted])).toEqual([
      ['unknown_number', 0, 0],
      ['blocked', 0, 0],
    ]);
  });

  test('a number that was given out is whose it was at the instant when the call came, however it changed hands since', async () => {
    const to = '+18005550777';
    const handedOver = noon + 60_000;
    const past: Past = {
      ...nothing,
      holders: (number, at) =>
        number === to
          ? { campaign: 'solar', publisher: at < handedOver ? 'adroit' : 'clickwise', source: null }
          : null,
    };
    const came = [59.999, 60].map((at) => call(at, { sunrise: { talks: 90 } }, { to }));
    const decided = replay(await config(), past, came);
    expect(decided.map(({ publisher, buyer, outcome }) => [publisher, buyer, outcome])).toEqual([
      ['adroit', 'sunrise', 'connected'],
      ['clickwise', 'sunrise', 'connected'],
    ]);
  });

  test('the config stands above whoever held its number', async () => {
    const past: Past = {
      ...nothing,
      holders: () => ({ campaign: 'solar', publisher: 'adroit', source: null }),
    };
    const [decided] = replay(await config(), past, [call(0, { sunrise: { talks: 90 } })]);
    expect(decided).toMatchObject({ publisher: 'clickwise', buyer: 'sunrise' });
  });

  test('a number held for a campaign that the config has not is none of its numbers', async () => {
    const past: Past = {
      ...nothing,
      holders: () => ({ campaign: 'gone', publisher: 'adroit', source: null }),
    };
    const strange = call(0, { sunrise: { talks: 90 } }, { to: '+18005550777' });
    expect(await outcomes({}, [strange], past)).toEqual([['unknown_number', 0, 0]]);
  });
});

describe('limits are counted by what this config decides', () => {
  const three = () => [0, 200, 400].map((at) => call(at, { sunrise: { talks: 90 } }));
  const toHelio = [call(9_000, { helio: { talks: 70 } })];

  test('a cap that the record did not have', async () => {
    const said = { sunrise: `${pays('45.00')}, caps: [ { count: connected, limit: 2, per: day } ]` };
    expect(await outcomes(said, [...three(), ...toHelio])).toEqual([
      ['sunrise', 45, 22.5],
      ['sunrise', 45, 22.5],
      // As helio took its own call: 70 s.
      ['helio', 40, 20],
      ['helio', 40, 20],
    ]);
  });

  test('a cap that what happened before has filled', async () => {
    const said = { sunrise: `${pays('45.00')}, caps: [ { count: connected, limit: 2, per: day } ]` };
    const quarter = {
      ...{ campaign: 'solar', publisher: 'clickwise', buyer: 'sunrise', trunk: 'pbx', at: noon - 3_600_000 },
      ...{ lastAttemptAt: noon - 3_600_000, attempted: 2, connected: 2, converted: 2, revenue: 90_000_000n },
    };
    const [first] = await outcomes(said, [...three(), ...toHelio], { ...nothing, quarters: [quarter] });
    expect(first).toEqual(['helio', 40, 20]);
  });

  test('concurrency: calls at the same time move on, later ones do not', async () => {
    const said = { sunrise: `${pays('45.00')}, concurrency: 1` };
    const overlapping = [0, 10, 200].map((at) => call(at, { sunrise: { talks: 90 } }));
    expect((await outcomes(said, [...overlapping, ...toHelio])).map(([buyer]) => buyer)).toEqual([
      'sunrise',
      'helio',
      'sunrise',
      'sunrise',
    ]);
  });

  test('repeat callers and duplicates, of that time and of before', async () => {
    const from = '+12145559999';
    const twice = [0, 500].map((at) => call(at, { sunrise: { talks: 90 } }, { from }));
    const once = { sunrise: `${pays('45.00')}, once_per_caller: 30d` };
    expect(await outcomes(once, twice)).toEqual([
      ['sunrise', 45, 22.5],
      ['sunrise', 0, 0],
    ]);
    const yesterday = noon - 86_400_000;
    const paid = {
      ...{ call: 'yesterday', from, campaign: 'solar', publisher: 'clickwise', buyer: 'sunrise' },
      ...{ startedAt: yesterday - 3_000, connectedAt: yesterday, revenue: 45_000_000n, payout: 22_500_000n },
    };
    expect((await outcomes(once, twice, { ...nothing, paid: [paid] }))[0]).toEqual(['sunrise', 0, 0]);
    const rejects = { campaign: 'repeat_caller: { within: 30d, seen: connected, treat: reject }' };
    expect((await outcomes(rejects, twice)).map(([buyer]) => buyer)).toEqual(['sunrise', 'repeat_caller']);
  });
});

describe('payout caps', () => {
  const capped = (caps: string) => ({ publisher: `, payout_caps: [ ${caps} ]` });
  const three = () => [0, 300, 600].map((at) => call(at, { sunrise: { talks: 90 } }));
  const payouts = async (caps: string, past = nothing) =>
    (await outcomes(capped(caps), three(), past)).map(([, , payout]) => payout);

  test('cut what later calls of the period pay', async () => {
    expect(await payouts('{ limit: 50.00, per: day }')).toEqual([22.5, 22.5, 5]);
    expect(
      await payouts('{ limit: 90.00, per: week }, { limit: 30.00, per: ever, campaign: solar }'),
    ).toEqual([22.5, 7.5, 0]);
  });

  test('know what was paid before in the period of each', async () => {
    const paidBefore = async (caps: string, paid: bigint) => {
      const { terms } = await config(capped(caps));
      const [sum] = capSums({ publisher: 'clickwise', endedAt: noon }, terms);
      return payouts(caps, { ...nothing, paidOut: new Map([[keyOf(sum!), paid]]) });
    };
    for (const per of ['day', 'month', 'ever'])
      expect(await paidBefore(`{ limit: 50.00, per: ${per} }`, 40_000_000n)).toEqual([10, 0, 0]);
    expect(await paidBefore('{ limit: 100.00, per: week, campaign: solar }', 80_000_000n)).toEqual([
      20, 0, 0,
    ]);
  });
});

describe('who was not tried then', () => {
  test('takes it as it took one of its own calls, the same each time', async () => {
    const moved = call(0, { sunrise: { talks: 90 } });
    const own = [100, 300, 500].map((at, n) => call(at, { helio: { talks: [65, 75, 20][n]! } }));
    const said = { routes: '[ { buyer: helio } ]' };
    const first = replay(await config(said), nothing, [moved, ...own]);
    expect(first[0]).toMatchObject({ buyer: 'helio', isDrawn: true });
    expect(first.slice(1).map(({ isDrawn }) => isDrawn)).toEqual([false, false, false]);
    expect(replay(await config(said), nothing, [moved, ...own])).toEqual(first);
  });

  test('is not reached by a caller who would have given up before', async () => {
    const gaveUp = call(0, { sunrise: { status: 486 } }, { cause: 'caller_cancelled' });
    const own = call(100, { helio: { talks: 90 } });
    const said = { routes: '[ { buyer: helio } ]' };
    const impatient = { ...gaveUp, endedAt: gaveUp.startedAt + 1_000 };
    expect((await outcomes(said, [impatient, own])).map(([buyer]) => buyer)).toEqual(['no_answer', 'helio']);
  });

  test('may be early to hang up: the next has the call', async () => {
    const short = call(0, { sunrise: { talks: 3 } });
    const own = call(100, { helio: { talks: 90 } });
    const said = { routing: 'on_early_hangup: { within: 10s, retry: true }' };
    expect((await outcomes(said, [short, own]))[0]).toEqual(['helio', 40, 20]);
  });

  test('in a ring group, whoever answers first', async () => {
    const own = [call(0, { sunrise: { talks: 90 } }), call(200, { helio: { talks: 90 } })];
    const said = { routes: '[ { ring: [ sunrise, helio ], priority: 1 } ]' };
    const both = await outcomes(said, own);
    expect(both.map(([buyer]) => buyer)).toEqual(['sunrise', 'sunrise']);
  });
});

test('what would have moved: calls and money', async () => {
  const recorded = [
    call(0, { sunrise: { talks: 90 } }, { revenue: 45_000_000n, payout: 22_500_000n }),
    call(200, { sunrise: { talks: 90 } }, { revenue: 45_000_000n, payout: 22_500_000n }),
    call(400, { helio: { talks: 90 } }, { revenue: 40_000_000n, payout: 20_000_000n }),
    call(600, {}, { routed: false, cause: 'menu_hangup' }),
  ];
  const [before, after] = [await config(), await config({ sunrise: `paused: true, ${pays('45.00')}` })];
  expect(compare(replay(before, nothing, recorded), replay(after, nothing, recorded))).toEqual({
    calls: 4,
    notRouted: 1,
    recorded: { connected: 3, revenue: 130_000_000n, payout: 65_000_000n },
    // The third is tried at sunrise first, who answers as it did.
    before: { connected: 3, revenue: 135_000_000n, payout: 67_500_000n },
    after: { connected: 3, revenue: 120_000_000n, payout: 60_000_000n },
    asRecorded: 2,
    drawn: 2,
    moves: [{ from: 'sunrise', to: 'helio', calls: 3 }],
    buyers: [
      { id: 'helio', before: { calls: 0, amount: 0n }, after: { calls: 3, amount: 120_000_000n } },
      { id: 'sunrise', before: { calls: 3, amount: 135_000_000n }, after: { calls: 0, amount: 0n } },
    ],
    publishers: [
      {
        id: 'clickwise',
        before: { calls: 3, amount: 67_500_000n },
        after: { calls: 3, amount: 60_000_000n },
      },
    ],
  });
});

test('come to the same end told in pages of any size', async () => {
  const dice = seededDice(20261122);
  const below = (limit: number) => Math.floor(dice() * limit);
  // So close together that leases, caps and duplicates of one page bear on the next, many at the same instant.
  const recorded = Array.from({ length: 300 }, (_, n) =>
    call(
      Math.floor(n / 3) * 5,
      [{ sunrise: { talks: below(30) * 5 } }, { sunrise: { status: 486 }, helio: { talks: 90 } }, {}][
        below(3)
      ]!,
      { from: `+1214555000${below(9)}` },
    ),
  );
  const said = {
    sunrise: `${pays('45.00')}, concurrency: 2, once_per_caller: 1h`,
    helio: `${pays('40.00')}, caps: [ { count: converted, limit: 20, per: hour } ]`,
    publisher: ', payout_caps: [ { limit: 500.00, per: day } ]',
  };
  const [one, other] = [await config(said), await config()];
  const whole = replay(one, nothing, recorded);
  expect(new Set(whole.map(({ buyer, outcome }) => buyer ?? outcome)).size).toBeGreaterThan(2);
  const expected = compare(whole, replay(other, nothing, recorded));
  const byStart = (a: CallToReplay, b: CallToReplay) => a.startedAt - b.startedAt;
  for (const size of [1, 2, 7, 100]) {
    const comparing = new Comparing();
    const conducts = conductsIn(recorded);
    const decided = new Map<string, Decided>();
    const replays = [
      new Replay(one, nothing, conducts, (ended) => {
        decided.set(ended.call.id, ended);
        comparing.decidedBefore(ended);
      }),
      new Replay(other, nothing, conducts, comparing.decidedAfter),
    ];
    const inOrder = [...recorded].sort(byStart);
    for (let at = 0; at < inOrder.length; at += size)
      for (const each of replays) each.take(inOrder.slice(at, at + size));
    for (const each of replays) each.finish();
    expect(recorded.flatMap(({ id }) => decided.get(id) ?? [])).toEqual(whole);
    expect(comparing.comparison()).toEqual(expected);
  }
});

import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { attemptsOf } from '../../../src/routing/attempts-of.ts';
import { blocked, decide } from '../../../src/routing/decide.ts';
import type {
  Buyer,
  Campaign,
  Publisher,
  RepeatCaller,
  Route,
  Subject,
  Trunk,
} from '../../../src/routing/network.ts';
import type { Figures } from '../../../src/routing/figures.ts';
import type { CallToRoute, Decision, LeftOut } from '../../../src/routing/plan.ts';
import { bidders, compile } from '../../../src/routing/table.ts';
import { seededDice } from '../../../src/replay/seeded-dice.ts';
import { buyer, campaign, network, noon, route, world } from './world.ts';

const caller = '+12145550199';

function routed(
  buyers: readonly Buyer[],
  given: { campaign?: Campaign; call?: Partial<CallToRoute>; world?: Partial<Figures> } = {},
): Decision {
  const solar = given.campaign ?? campaign(buyers.map(({ id }) => route(id)));
  const table = compile(network(buyers, [solar]));
  return decide(
    table,
    { campaign: solar, publisher: 'clickwise', caller, attributes: {}, ...given.call },
    world(given.world),
  );
}

const planned = (decision: Decision): string[] =>
  decision.outcome === 'dial' ? decision.plan.map(({ buyer }) => buyer.id) : [];

const is = (attribute: string, ...values: string[]): Condition => ({ kind: 'is', attribute, values });

describe('each rule', () => {
  const cases: [
    string,
    Partial<Buyer>,
    Partial<Figures>,
    CallToRoute['attributes'],
    Omit<LeftOut, 'buyer'>,
  ][] = [
    ['paused', { paused: true }, {}, {}, { rule: 'paused', seen: true, limit: false }],
    [
      'trunk down',
      {},
      { trunkUp: () => false },
      {},
      { rule: 'trunk_down', about: 'pbx', seen: 'down', limit: 'up' },
    ],
    [
      'not accepted',
      { accepts: [is('caller.state', 'TX', 'OK')] },
      {},
      { 'caller.state': 'NM' },
      { rule: 'accepts', about: 'caller.state', seen: 'NM', limit: ['TX', 'OK'] },
    ],
    [
      'not known',
      { accepts: [is('ivr.homeowner', 'yes')] },
      {},
      {},
      { rule: 'accepts', about: 'ivr.homeowner', seen: null, limit: 'yes' },
    ],
    [
      'closed',
      { hours: { weekly: new Map([[3, [{ from: 480, to: 720 }]]]), except: new Map() } },
      {},
      {},
      { rule: 'hours', about: 'America/New_York', seen: 'Wed 12:00', limit: ['08:00-12:00'] },
    ],
    [
      'cap reached',
      {
        caps: [
          { count: 'attempted', limit: 9, per: 'hour' },
          { count: 'connected', limit: 40, per: 'day' },
        ],
      },
      { counted: (_buyer, count) => (count === 'connected' ? 40 : 0) },
      {},
      { rule: 'cap', about: 'connected.day', seen: 40, limit: 40 },
    ],
    [
      'concurrency reached',
      { concurrency: 2 },
      { live: () => 2 },
      {},
      { rule: 'concurrency', seen: 2, limit: 2 },
    ],
    ['concurrency none', { concurrency: 0 }, {}, {}, { rule: 'concurrency', seen: 0, limit: 0 }],
    [
      'offered too lately',
      { spacing: 30_000 },
      { lastOffered: () => noon - 29_999 },
      {},
      { rule: 'spacing', seen: 29_999, limit: 30_000 },
    ],
  ];
  it.each(cases)('%s leaves the buyer out and says why', (_case, given, around, attributes, expected) => {
    const decision = routed([buyer('sunrise', given)], { world: around, call: { attributes } });
    expect(decision).toEqual({
      outcome: 'reject',
      reason: 'no_buyer',
      leftOut: [{ buyer: 'sunrise', ...expected }],
    });
  });

  it.each<[string, Partial<Buyer>, Partial<Figures>]>([
    ['one below the cap', { caps: [{ count: 'connected', limit: 40, per: 'day' }] }, { counted: () => 39 }],
    ['one below the concurrency', { concurrency: 2 }, { live: () => 1 }],
    ['spacing over', { spacing: 30_000 }, { lastOffered: () => noon - 30_000 }],
    ['the clock set back since', { spacing: 30_000 }, { lastOffered: () => noon + 3_600_000 }],
    ['never offered', { spacing: 30_000 }, {}],
  ])('%s takes the call', (_case, given, around) => {
    expect(planned(routed([buyer('sunrise', given)], { world: around }))).toEqual(['sunrise']);
  });

  it('that fails first is the reason', () => {
    const all = {
      paused: true,
      accepts: [is('a', 'b')],
      hours: { weekly: new Map(), except: new Map() },
      caps: [{ count: 'connected', limit: 0, per: 'day' }],
      concurrency: 0,
      spacing: 1_000,
    } satisfies Partial<Buyer>;
    const repeatCaller: RepeatCaller = { within: 1_000, seen: 'attempted', treat: 'other_buyer' };
    const solar = campaign([route('sunrise')], { repeatCaller });
    let given: Partial<Buyer> = all;
    let around: Partial<Figures> = {
      trunkUp: () => false,
      lastOffered: () => noon,
      callerSeen: () => noon,
    };
    const reasons: string[] = [];
    const heal: (() => void)[] = [
      () => (given = { ...given, paused: false }),
      () => (around = { ...around, trunkUp: () => true }),
      () => (given = { ...given, accepts: [] }),
      () => (given = { ...given, hours: 'always' }),
      () => (given = { ...given, caps: [] }),
      () => (given = { ...given, concurrency: null }),
      () => (given = { ...given, spacing: 0 }),
      () => (around = { ...around, callerSeen: () => null }),
    ];
    for (const step of heal) {
      const decision = routed([buyer('sunrise', given)], { campaign: solar, world: around });
      reasons.push(decision.leftOut[0]?.rule ?? 'taken');
      step();
    }
    expect(reasons).toEqual([
      'paused',
      'trunk_down',
      'accepts',
      'hours',
      'cap',
      'concurrency',
      'spacing',
      'repeat_caller',
    ]);
    expect(planned(routed([buyer('sunrise', given)], { campaign: solar, world: around }))).toEqual([
      'sunrise',
    ]);
  });
});

describe('limits on what a buyer shares with others', () => {
  const full = { concurrency: null, caps: [{ count: 'connected', limit: 40, per: 'day' }] } as const;
  const busy = { concurrency: 2, caps: [] } as const;
  const reached = (subject: Subject): Partial<Figures> => ({
    live: (asked) => (asked === subject ? 2 : 0),
    counted: (asked, count) => (asked === subject && count === 'connected' ? 41 : 0),
  });
  interface Given {
    readonly route?: Partial<Route>;
    readonly campaign?: Partial<Campaign>;
    readonly trunk?: Partial<Trunk>;
    readonly publisher?: Partial<Publisher>;
  }
  const cases: [Subject, Given, Omit<LeftOut, 'buyer'>][] = [
    [
      'route:solar/sunrise',
      { route: full },
      { rule: 'cap', about: 'route:solar/sunrise connected.day', seen: 41, limit: 40 },
    ],
    [
      'campaign:solar',
      { campaign: full },
      { rule: 'cap', about: 'campaign:solar connected.day', seen: 41, limit: 40 },
    ],
    [
      'publisher:clickwise',
      { publisher: full },
      { rule: 'cap', about: 'publisher:clickwise connected.day', seen: 41, limit: 40 },
    ],
    ['trunk:pbx', { trunk: busy }, { rule: 'concurrency', about: 'trunk:pbx', seen: 2, limit: 2 }],
    [
      'route:solar/sunrise',
      { route: busy },
      { rule: 'concurrency', about: 'route:solar/sunrise', seen: 2, limit: 2 },
    ],
    [
      'campaign:solar',
      { campaign: busy },
      { rule: 'concurrency', about: 'campaign:solar', seen: 2, limit: 2 },
    ],
    [
      'publisher:clickwise',
      { publisher: busy },
      { rule: 'concurrency', about: 'publisher:clickwise', seen: 2, limit: 2 },
    ],
  ];
  const decided = (given: Given, around: Partial<Figures>, publisher = 'clickwise'): Decision => {
    const solar = campaign([route('sunrise', 1, 1, given.route)], given.campaign);
    const table = compile(network([buyer('sunrise')], [solar], given));
    return decide(table, { campaign: solar, publisher, caller, attributes: {} }, world(around));
  };

  it.each(cases)('%s: %j', (subject, given, expected) => {
    expect(decided(given, reached(subject)).leftOut).toEqual([{ buyer: 'sunrise', ...expected }]);
    expect(planned(decided(given, {}))).toEqual(['sunrise']);
  });

  it('knows no limits of a publisher that the network does not list', () => {
    expect(planned(decided({ publisher: busy }, reached('publisher:clickwise'), 'unlisted'))).toEqual([
      'sunrise',
    ]);
  });

  it('keeps a trunk to its INVITEs a second', () => {
    const given = { trunk: { cps: 5 } };
    expect(decided(given, { startedThisSecond: () => 5 }).leftOut).toEqual([
      { buyer: 'sunrise', rule: 'spacing', about: 'trunk:pbx', seen: 5, limit: 5 },
    ]);
    expect(planned(decided(given, { startedThisSecond: () => 4 }))).toEqual(['sunrise']);
  });

  it('blames the buyer before what it shares', () => {
    const solar = campaign([route('sunrise', 1, 1, busy)], busy);
    const table = compile(network([buyer('sunrise', { concurrency: 1 })], [solar], { trunk: busy }));
    const call = { campaign: solar, publisher: 'clickwise', caller, attributes: {} };
    expect(decide(table, call, world({ live: () => 2 })).leftOut).toEqual([
      { buyer: 'sunrise', rule: 'concurrency', seen: 2, limit: 1 },
    ]);
  });

  it('names what an attempt holds a slot on', () => {
    const decision = decided({}, {});
    expect(decision.outcome === 'dial' && decision.plan[0]?.subjects).toEqual([
      'buyer:sunrise',
      'route:solar/sunrise',
      'campaign:solar',
      'trunk:pbx',
    ]);
  });
});

const bidder = (min = 5_000_000): Buyer['bid'] => ({
  url: 'http://127.0.0.1:9/bid',
  timeout: 300,
  min,
  share: 'hash',
});

describe('bids', () => {
  it.each<[number | string | null, number | string | null]>([
    [null, null],
    ['timeout', 'timeout'],
    [4_999_999, 4_999_999],
    [Number.NaN, null],
    [-1, -1],
    [1e308, 1e308],
    [Number.POSITIVE_INFINITY, null],
    [5_000_000.5, 5_000_000.5],
  ])('%s is none', (bid, seen) => {
    const decision = routed([buyer('sunrise', { bid: bidder() })], { world: { bid: () => bid } });
    expect(decision.leftOut).toEqual([{ buyer: 'sunrise', rule: 'bid', seen, limit: 5_000_000 }]);
  });

  it('are asked of bidders alone, and last', () => {
    const asked: string[] = [];
    const bid = (id: string): number => asked.push(id) && 5_000_000;
    const buyers = [
      buyer('sunrise', { bid: bidder() }),
      buyer('helio'),
      buyer('brightside', { bid: bidder(), paused: true }),
    ];
    expect(planned(routed(buyers, { world: { bid } })).toSorted()).toEqual(['helio', 'sunrise']);
    expect(asked).toEqual(['sunrise']);
  });

  it('are asked for once, of those who are not paused', () => {
    const sunrise = buyer('sunrise', { bid: bidder() });
    const solar = campaign([route('sunrise', 1), route('sunrise', 2), route('helio'), route('brightside')]);
    const paused = buyer('brightside', { bid: bidder(), paused: true });
    const table = compile(network([sunrise, buyer('helio'), paused], [solar]));
    expect(bidders(table, solar)).toEqual([sunrise]);
    expect(bidders(table, { ...solar, id: 'roofing' })).toEqual([]);
  });
});

describe('blocked callers', () => {
  const strict = campaign([route('sunrise')], {
    block: { anonymous: true, callers: new Set(['+12125550000']) },
  });
  it.each<[string | null, boolean]>([
    ['+12125550000', true],
    ['+12125550001', false],
    [null, true],
  ])('%s: %s', (from, expected) => {
    expect(blocked(strict, from)).toBe(expected);
    const decision = routed([buyer('sunrise')], { campaign: strict, call: { caller: from } });
    expect(decision.outcome === 'reject' && decision.reason === 'blocked').toBe(expected);
  });

  it('lets anonymous callers in where the campaign does', () => {
    expect(blocked(campaign([]), null)).toBe(false);
  });
});

describe('repeat callers', () => {
  const buyers = ['sunrise', 'helio', 'brightside'].map((id) => buyer(id));
  const within = 60_000;
  const seenBy =
    (seen: Record<string, number>): Figures['callerSeen'] =>
    (_caller, _campaign, id) =>
      seen[id] ?? null;
  const treated = (
    treat: RepeatCaller['treat'],
    seen: Record<string, number>,
    from: string | null = caller,
  ) =>
    routed(buyers, {
      campaign: campaign(
        buyers.map(({ id }) => route(id)),
        { repeatCaller: { within, seen: 'converted', treat } },
      ),
      call: { caller: from },
      world: { callerSeen: seenBy(seen) },
    });

  it.each<[RepeatCaller['treat'], Record<string, number>, string[]]>([
    ['any', { helio: noon - 1 }, ['sunrise', 'helio', 'brightside']],
    ['other_buyer', { helio: noon - 1 }, ['sunrise', 'brightside']],
    ['other_buyer', { helio: noon - within + 1 }, ['sunrise', 'brightside']],
    ['other_buyer', { helio: noon - within }, ['sunrise', 'helio', 'brightside']],
    ['other_buyer', { helio: noon - 1, sunrise: noon - 2 }, ['brightside']],
    ['same_buyer', {}, ['sunrise', 'helio', 'brightside']],
    ['same_buyer', { helio: noon - 1 }, ['helio']],
    ['same_buyer', { helio: noon - 2, sunrise: noon - 1 }, ['sunrise']],
    ['same_buyer', { helio: noon - within }, ['sunrise', 'helio', 'brightside']],
    ['reject', {}, ['sunrise', 'helio', 'brightside']],
    ['reject', { brightside: noon - within }, ['sunrise', 'helio', 'brightside']],
  ])('%s, seen %j: %j', (treat, seen, expected) => {
    expect(planned(treated(treat, seen)).toSorted()).toEqual(expected.toSorted());
  });

  it('are rejected with every buyer named', () => {
    expect(treated('reject', { helio: noon - 1_000 })).toEqual({
      outcome: 'reject',
      reason: 'repeat_caller',
      leftOut: buyers.map(({ id }) => ({
        buyer: id,
        rule: 'repeat_caller',
        about: 'reject',
        seen: 1_000,
        limit: within,
      })),
    });
  });

  it('are told from those who withhold their number', () => {
    expect(planned(treated('reject', { helio: noon }, null))).toHaveLength(3);
  });

  it('are explained', () => {
    expect(treated('other_buyer', { helio: noon - 5 }).leftOut).toEqual([
      { buyer: 'helio', rule: 'repeat_caller', about: 'other_buyer', seen: 5, limit: within },
    ]);
    expect(treated('same_buyer', { helio: noon - 5 }).leftOut).toContainEqual({
      buyer: 'sunrise',
      rule: 'repeat_caller',
      about: 'same_buyer',
      seen: 'helio',
      limit: within,
    });
  });
});

describe('the order of the plan', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const buyers = ids.map((id) => buyer(id));

  it('goes by priority, lowest first, whatever the order of the config', () => {
    const solar = campaign([route('a', 3), route('b', 1), route('c', 2), route('d', -1)]);
    expect(planned(routed(buyers, { campaign: solar }))).toEqual(['d', 'b', 'c', 'a']);
  });

  it('leaves weight 0 to the end of its priority, as listed', () => {
    const solar = campaign([route('a', 1, 0), route('b', 1, 5), route('c', 1, 0), route('d', 2, 9)]);
    for (let seed = 0; seed < 20; seed++) {
      const dice = seededDice(seed);
      expect(planned(routed(buyers, { campaign: solar, world: { dice } }))).toEqual(['b', 'a', 'c', 'd']);
    }
  });

  it('rolls no dice where there is nothing to choose', () => {
    const dice = (): number => expect.fail('rolled');
    const solar = campaign([route('a', 1, 3), route('b', 2, 3), route('c', 2, 0)]);
    expect(planned(routed(buyers, { campaign: solar, world: { dice } }))).toEqual(['a', 'b', 'c']);
  });

  it('takes dice at their extremes', () => {
    const solar = campaign(ids.map((id) => route(id, 1, 0.1)));
    const most = 1 - Number.EPSILON / 2;
    expect(planned(routed(buyers, { campaign: solar, world: { dice: () => 0 } }))).toEqual(ids);
    expect(planned(routed(buyers, { campaign: solar, world: { dice: () => most } })).toSorted()).toEqual(ids);
  });

  it('round robin: who waits longest is first, never offered before all', () => {
    const last: Record<string, number> = { a: noon - 10, b: noon - 30, d: noon - 20 };
    const solar = campaign(
      ids.map((id) => route(id)),
      {},
      'round_robin',
    );
    const lastOffered = (id: string): number | null => last[id] ?? null;
    expect(planned(routed(buyers, { campaign: solar, world: { lastOffered } }))).toEqual([
      'c',
      'b',
      'd',
      'a',
    ]);
  });

  it('round robin: priorities still come first, ties stay as listed', () => {
    const solar = campaign([route('a', 2), route('b', 1), route('c', 1), route('d', 2)], {}, 'round_robin');
    expect(planned(routed(buyers, { campaign: solar }))).toEqual(['b', 'c', 'a', 'd']);
  });

  it('round robin shares calls evenly', () => {
    const last = new Map<string, number>();
    const taken = new Map<string, number>();
    const solar = campaign(
      ids.map((id) => route(id)),
      {},
      'round_robin',
    );
    for (let call = 0; call < 40; call++) {
      const [first = ''] = planned(
        routed(buyers, { campaign: solar, world: { lastOffered: (id) => last.get(id) ?? null } }),
      );
      last.set(first, noon + call);
      taken.set(first, (taken.get(first) ?? 0) + 1);
    }
    expect([...taken.values()]).toEqual([10, 10, 10, 10]);
  });
});

describe('highest revenue', () => {
  const dollars = (amount: number): number => amount * 1_000_000;
  const ordered = (buyers: readonly Buyer[], given: Parameters<typeof routed>[1] = {}): string[] =>
    planned(
      routed(buyers, {
        ...given,
        campaign:
          given.campaign ??
          campaign(
            buyers.map(({ id }) => route(id)),
            {},
            'highest_revenue',
          ),
      }),
    );
  const pays = (...worth: [number, ...Condition[]][]): Partial<Buyer> => ({
    worth: worth.map(([amount, ...when]) => ({ pays: dollars(amount), when })),
  });

  it('takes the best rule whose conditions hold', () => {
    const buyers = [
      buyer('a', pays([10])),
      buyer('b', pays([5], [40, is('caller.state', 'TX')])),
      buyer('c', pays([20])),
      buyer('d'),
    ];
    expect(ordered(buyers, { call: { attributes: { 'caller.state': 'TX' } } })).toEqual(['b', 'c', 'a', 'd']);
    expect(ordered(buyers, { call: { attributes: { 'caller.state': 'NM' } } })).toEqual(['c', 'a', 'b', 'd']);
    expect(ordered(buyers)).toEqual(['c', 'a', 'b', 'd']);
  });

  it('ranks bids with fixed prices', () => {
    const buyers = [
      buyer('a', pays([10])),
      buyer('b', { ...pays([1]), bid: bidder() }),
      buyer('c', { ...pays([99]), bid: bidder() }),
    ];
    const bids: Record<string, number> = { b: dollars(30), c: dollars(9) };
    expect(ordered(buyers, { world: { bid: (id) => bids[id] ?? null } })).toEqual(['b', 'a', 'c']);
  });

  it('counts no bid that none of the rules would let be paid', () => {
    const buyers = [
      buyer('a', pays([10])),
      buyer('b', { ...pays([1, is('ivr.homeowner', 'yes')]), bid: bidder() }),
    ];
    expect(ordered(buyers, { world: { bid: () => dollars(30) } })).toEqual(['a', 'b']);
  });

  it('draws ties by weight, and rolls no dice for the others', () => {
    const buyers = [
      buyer('a', pays([5])),
      buyer('b', pays([9])),
      buyer('c', pays([5])),
      buyer('d', pays([7])),
    ];
    const solar = campaign(
      [route('a', 1, 1), route('b'), route('c', 1, 99), route('d')],
      {},
      'highest_revenue',
    );
    const rolls = [0.5];
    const dice = (): number => rolls.shift() ?? expect.fail('rolled again');
    expect(ordered(buyers, { campaign: solar, world: { dice } })).toEqual(['b', 'd', 'c', 'a']);
    expect(rolls).toEqual([]);
  });

  it('keeps priorities above it', () => {
    const buyers = [buyer('a', pays([5])), buyer('b', pays([9]))];
    const solar = campaign([route('a', 1), route('b', 2)], {}, 'highest_revenue');
    expect(ordered(buyers, { campaign: solar })).toEqual(['a', 'b']);
  });
});

describe('best performing', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const buyers = ids.map((id) => buyer(id));
  const ordered = (
    figures: Record<string, [attempts: number, revenue: number]>,
    explore = 0,
    around: Partial<Figures> = {},
  ): string[] => {
    const solar = campaign(
      ids.map((id, index) => route(id, 1, index)),
      {},
      'best_performing',
      { performance: { over: 7_000, minCalls: 10, explore } },
    );
    const performance: Figures['performance'] = (id, buyer, over) => {
      expect([id, over]).toEqual(['solar', 7_000]);
      const [attempts, revenue] = figures[buyer] ?? [0, 0];
      return { attempts, revenue };
    };
    return planned(routed(buyers, { campaign: solar, world: { performance, ...around } }));
  };

  it('goes by revenue per attempt', () => {
    expect(ordered({ a: [10, 100], b: [100, 900], c: [20, 400], d: [10, 0] })).toEqual(['c', 'a', 'b', 'd']);
  });

  it('measures who has too few attempts by the mean of the others', () => {
    expect(ordered({ a: [10, 100], b: [9, 9_000], c: [10, 300], d: [10, 50] })).toEqual(['c', 'b', 'a', 'd']);
  });

  it('draws by weight where nobody has enough', () => {
    expect(ordered({}, 0, { dice: () => 0.99 })).toEqual(['d', 'c', 'b', 'a']);
    expect(ordered({}, 0, { dice: () => 0 })).toEqual(['b', 'c', 'd', 'a']);
  });

  it('takes figures that make no sense for none', () => {
    expect(ordered({ a: [10, Number.NaN], b: [Number.NaN, 5], c: [10, 100], d: [10, 0] })[0]).toBe('c');
  });

  it('explores as often as told', () => {
    const figures: Record<string, [number, number]> = {
      a: [10, 400],
      b: [10, 300],
      c: [10, 200],
      d: [10, 1],
    };
    const dice = seededDice(7);
    const rounds = 20_000;
    let strayed = 0;
    for (let round = 0; round < rounds; round++) {
      // `a` has weight 0: explored, it is never first.
      if (ordered(figures, 0.2, { dice })[0] !== 'a') strayed++;
    }
    const expected = rounds * 0.2;
    // The 0.999 quantile at one degree of freedom.
    expect((strayed - expected) ** 2 / (expected * 0.8)).toBeLessThan(10.83);
  });

  it('rolls no dice where nothing is explored', () => {
    const dice = (): number => expect.fail('rolled');
    expect(ordered({ a: [10, 4], b: [10, 3], c: [10, 2], d: [10, 1] }, 0, { dice })).toEqual(ids);
  });
});

describe('a sticky caller', () => {
  const ids = ['a', 'b', 'c'];
  const ordered = (
    connected: Record<string, number>,
    given: { buyers?: readonly Buyer[]; from?: string | null } = {},
  ): string[] => {
    const buyers = given.buyers ?? ids.map((id) => buyer(id));
    const solar = campaign([route('a', 1), route('b', 2), route('c', 3)], {}, 'priority', { sticky: 1_000 });
    const callerSeen: Figures['callerSeen'] = (_caller, _campaign, id, seen) =>
      seen === 'connected' ? (connected[id] ?? null) : expect.fail('asked for something else');
    const call = given.from === undefined ? {} : { caller: given.from };
    return planned(routed(buyers, { campaign: solar, call, world: { callerSeen } }));
  };

  it.each<[Record<string, number>, string[]]>([
    [{}, ['a', 'b', 'c']],
    [{ c: noon - 999 }, ['c', 'a', 'b']],
    [{ c: noon - 1_000 }, ['a', 'b', 'c']],
    [{ c: noon - 500, b: noon - 400 }, ['b', 'a', 'c']],
  ])('connected %j: %j', (connected, expected) => {
    expect(ordered(connected)).toEqual(expected);
  });

  it('gets the one before where the last cannot take the call', () => {
    const buyers = [buyer('a'), buyer('b', { paused: true }), buyer('c')];
    expect(ordered({ c: noon - 500, b: noon - 400 }, { buyers })).toEqual(['c', 'a']);
  });

  it('is nobody who withholds the number', () => {
    expect(ordered({ c: noon - 1 }, { from: null })).toEqual(ids);
  });
});

describe('a ring group', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const buyers = ids.map((id) => buyer(id));
  const inGroup = (priority = 1, weight = 1) =>
    [priority, weight, { group: 'ring' }] as const satisfies [number, number, Partial<Route>];
  const attempts = (decision: Decision): string[][] =>
    decision.outcome === 'dial'
      ? attemptsOf(decision.plan).map((one) => one.map(({ buyer }) => buyer.id))
      : [];

  it('is one attempt, wherever the config lists its members', () => {
    const solar = campaign([
      route('a', ...inGroup()),
      route('b', 1, 0),
      route('c', ...inGroup()),
      route('d', 2),
    ]);
    expect(attempts(routed(buyers, { campaign: solar }))).toEqual([['a', 'c'], ['b'], ['d']]);
  });

  it('is drawn once, by its own weight', () => {
    const solar = campaign([route('a', ...inGroup(1, 30)), route('b', ...inGroup(1, 30)), route('c', 1, 70)]);
    const first = (roll: number) =>
      attempts(routed(buyers, { campaign: solar, world: { dice: () => roll } }));
    expect(first(0.29)).toEqual([['a', 'b'], ['c']]);
    expect(first(0.31)).toEqual([['c'], ['a', 'b']]);
  });

  it('is worth its best member', () => {
    const worth = (pays: number): Partial<Buyer> => ({ worth: [{ pays, when: [] }] });
    const paying = [buyer('a', worth(1)), buyer('b', worth(9)), buyer('c', worth(5))];
    const solar = campaign(
      [route('c'), route('a', ...inGroup()), route('b', ...inGroup())],
      {},
      'highest_revenue',
    );
    expect(attempts(routed(paying, { campaign: solar }))).toEqual([['a', 'b'], ['c']]);
  });

  it('rings those of its members who may take the call', () => {
    const some = [buyer('a', { paused: true }), buyer('b'), buyer('c')];
    const solar = campaign(['a', 'b', 'c'].map((id) => route(id, ...inGroup())));
    const decision = routed(some, { campaign: solar });
    expect(attempts(decision)).toEqual([['b', 'c']]);
    expect(decision.leftOut.map(({ buyer }) => buyer)).toEqual(['a']);
  });

  it('comes with the member who knows the caller', () => {
    const solar = campaign(
      [route('d'), route('a', ...inGroup(2)), route('b', ...inGroup(2))],
      {},
      'priority',
      {
        sticky: 1_000,
      },
    );
    const callerSeen: Figures['callerSeen'] = (_caller, _campaign, id) => (id === 'b' ? noon - 1 : null);
    expect(attempts(routed(buyers, { campaign: solar, world: { callerSeen } }))).toEqual([['b', 'a'], ['d']]);
  });
});

describe('weights', () => {
  const weights: Record<string, number> = { a: 50, b: 30, c: 15, d: 5 };
  const ids = Object.keys(weights);
  const solar = campaign(ids.map((id) => route(id, 1, weights[id])));
  const table = compile(
    network(
      ids.map((id) => buyer(id)),
      [solar],
    ),
  );
  const rounds = 40_000;

  /** Pearson's statistic; 16.27 is the 0.999 quantile at 3 degrees of freedom. */
  function chiSquared(counts: Map<string, number>, expected: Record<string, number>): number {
    return Object.entries(expected).reduce((sum, [id, share]) => {
      const wanted = share * rounds;
      return sum + ((counts.get(id) ?? 0) - wanted) ** 2 / wanted;
    }, 0);
  }

  it('share the first places, and the second places among the rest', () => {
    const dice = seededDice(2026);
    const first = new Map<string, number>();
    const second = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const [one = '', two = ''] = planned(
        decide(table, { campaign: solar, publisher: 'clickwise', caller, attributes: {} }, world({ dice }), {
          explain: false,
        }),
      );
      first.set(one, (first.get(one) ?? 0) + 1);
      second.set(two, (second.get(two) ?? 0) + 1);
    }
    const share = (id: string): number => (weights[id] ?? 0) / 100;
    const firsts = Object.fromEntries(ids.map((id) => [id, share(id)]));
    const seconds = Object.fromEntries(
      ids.map((id) => [
        id,
        ids
          .filter((other) => other !== id)
          .reduce((sum, other) => sum + (share(other) * share(id)) / (1 - share(other)), 0),
      ]),
    );
    expect(chiSquared(first, firsts)).toBeLessThan(16.27);
    expect(chiSquared(second, seconds)).toBeLessThan(16.27);
  });
});

describe('without explanation', () => {
  it('decides the same and names nobody', () => {
    const buyers = [buyer('sunrise', { paused: true }), buyer('helio')];
    const solar = campaign([route('sunrise'), route('helio')]);
    const table = compile(network(buyers, [solar]));
    const call = { campaign: solar, publisher: 'clickwise', caller, attributes: {} };
    const decision = decide(table, call, world(), { explain: false });
    expect(planned(decision)).toEqual(['helio']);
    expect(decision.leftOut).toEqual([]);
  });

  it('plans as many attempts as wanted, and asks about no others', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `buyer-${index}`);
    const solar = campaign(
      ids.map((id, index) => route(id, 1 + (index % 2), 10)),
      {},
      'priority',
      { attempts: 3 },
    );
    const table = compile(
      network(
        ids.map((id) => buyer(id, { concurrency: 1 })),
        [solar],
      ),
    );
    const call = { campaign: solar, publisher: 'clickwise', caller, attributes: {} };
    const whole = planned(decide(table, call, world({ dice: seededDice(1) })));
    const asked = new Set<string>();
    const watched = world({ dice: seededDice(1), live: (subject) => (asked.add(subject), 0) });
    expect(planned(decide(table, call, watched, { explain: false, atMost: 6 }))).toEqual(whole.slice(0, 6));
    expect(asked.size).toBe(6);
    const all = decide(table, call, world({ dice: seededDice(1) }), { explain: false });
    expect(planned(all)).toEqual(whole);
  });
});

describe('bad input', () => {
  const buyers = [
    buyer('a', {
      accepts: [is('ivr.zip', '75001'), { kind: 'between', attribute: 'ivr.age', from: 18, to: 64 }],
    }),
    buyer('b', { accepts: [{ kind: 'not', condition: is('ivr.zip', '75001') }] }),
    buyer('c'),
  ];
  it.each<[string, CallToRoute['attributes'], string[]]>([
    ['an attribute of 10 kB', { 'ivr.zip': 'x'.repeat(10_240), 'ivr.age': '9'.repeat(10_240) }, ['b', 'c']],
    ['no numbers', { 'ivr.zip': Number.NaN, 'ivr.age': Number.NaN }, ['b', 'c']],
    ['a number past all others', { 'ivr.zip': '75001', 'ivr.age': 1e308 }, ['c']],
    ['names that objects inherit', { constructor: 'x', __proto__: 'y' }, ['c']],
  ])('%s: decided, not thrown at', (_case, attributes, expected) => {
    const solar = campaign(buyers.map(({ id }, index) => route(id, index)));
    const decision = routed(buyers, { campaign: solar, call: { attributes } });
    expect(planned(decision)).toEqual(expected);
    expect([...planned(decision), ...decision.leftOut.map(({ buyer }) => buyer)].toSorted()).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('a caller and a publisher of any text', () => {
    const solar = campaign([route('c')], { repeatCaller: { within: 1, seen: 'attempted', treat: 'reject' } });
    const call = { caller: 'constructor', publisher: '__proto__' };
    expect(planned(routed(buyers, { campaign: solar, call }))).toEqual(['c']);
  });
});

describe('the table', () => {
  it('knows whose number was dialled', () => {
    const solar = campaign([route('sunrise')]);
    const table = compile(network([buyer('sunrise')], [solar]));
    expect(table.number('+18005550100')).toEqual({
      campaign: solar,
      publisher: 'clickwise',
      source: null,
    });
    expect(table.number('+18005550199')).toBeNull();
    expect(table.number('__proto__')).toBeNull();
  });

  it('does not compile where a route leads nowhere', () => {
    expect(() => compile(network([], [campaign([route('nobody')])]))).toThrow(/nobody/);
  });

  it('has no plan for a campaign without routes', () => {
    expect(routed([])).toEqual({ outcome: 'reject', reason: 'no_buyer', leftOut: [] });
  });

  it('is frozen', () => {
    const table = compile(network([buyer('sunrise')], [campaign([route('sunrise')])]));
    const compiled = table.campaigns.get('solar');
    expect([table, compiled, compiled?.routes, compiled?.routes[0]].every(Object.isFrozen)).toBe(true);
  });
});

/** The compiled decision against a plain reading of the network, and what must hold of every decision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, Attributes, Condition } from '../../../src/conditions/condition.ts';
import { evaluate } from '../../../src/conditions/evaluate.ts';
import { attemptsOf } from '../../../src/routing/attempts-of.ts';
import { decide } from '../../../src/routing/decide.ts';
import { isOpen } from '../../../src/routing/hours.ts';
import type {
  Buyer,
  Campaign,
  Cap,
  Hours,
  Network,
  RepeatCaller,
  Route,
  Subject,
} from '../../../src/routing/network.ts';
import type { Figures } from '../../../src/routing/figures.ts';
import type { CallToRoute, Decision, World } from '../../../src/routing/plan.ts';
import { stillFits } from '../../../src/routing/still-fits.ts';
import { compile } from '../../../src/routing/table.ts';
import { seededDice } from '../../../src/replay/seeded-dice.ts';
import { buyer, campaign, network, noon, route, world } from './world.ts';

/** Each rule spelt out over the config's own objects: slow, and written to be read. */
function leftOutBy(
  network: Network,
  solar: Campaign,
  route: Route,
  call: CallToRoute,
  world: Figures,
): string {
  const buyer = network.buyers.get(route.buyer)!;
  const trunk = network.trunks.get(buyer.trunk)!;
  const publisher = network.publishers.get(call.publisher);
  const limits: [Subject, { concurrency: number | null; caps?: readonly Cap[] }][] = [
    [`buyer:${buyer.id}`, buyer],
    [`route:${solar.id}/${buyer.id}`, route],
    [`campaign:${solar.id}`, solar],
    [`trunk:${trunk.id}`, trunk],
  ];
  if (publisher !== undefined) limits.push([`publisher:${publisher.id}`, publisher]);
  const seen = (id: string): number => {
    const rule = solar.repeatCaller;
    if (rule === null || call.caller === null) return -Infinity;
    const at = world.callerSeen(call.caller, solar.id, id, rule.seen);
    return at === null || world.now - at >= rule.within ? -Infinity : at;
  };
  const latest = Math.max(...solar.routing.routes.map((other) => seen(other.buyer)));
  const owner = solar.routing.routes.find((other) => seen(other.buyer) === latest);
  const isRepeat = latest > -Infinity;
  const treat = solar.repeatCaller?.treat;

  if (buyer.paused) return 'paused';
  if (!world.trunkUp(buyer.trunk)) return 'trunk_down';
  if (!buyer.accepts.every((condition) => evaluate(condition, call.attributes) === true)) return 'accepts';
  if (!isOpen(buyer.hours, buyer.timezone, world.now)) return 'hours';
  const isFull = ([subject, { caps = [] }]: (typeof limits)[number]): boolean =>
    caps.some(({ count, limit, per }) => world.counted(subject, count, per) >= limit);
  if (limits.some(isFull)) return 'cap';
  if (limits.some(([subject, { concurrency }]) => concurrency !== null && world.live(subject) >= concurrency))
    return 'concurrency';
  const offered = world.lastOffered(buyer.id);
  const ago = offered === null ? -1 : world.now - offered;
  if (buyer.spacing > 0 && ago >= 0 && ago < buyer.spacing) return 'spacing';
  if (trunk.cps !== null && world.startedThisSecond(trunk.id) >= trunk.cps) return 'spacing';
  if (isRepeat && treat === 'reject') return 'repeat_caller';
  if (isRepeat && treat === 'same_buyer' && owner?.buyer !== buyer.id) return 'repeat_caller';
  if (treat === 'other_buyer' && seen(buyer.id) > -Infinity) return 'repeat_caller';
  if (buyer.bid !== null) {
    const bid = world.bid(buyer.id);
    if (typeof bid !== 'number' || !Number.isSafeInteger(bid) || bid < 0 || bid < buyer.bid.min) return 'bid';
  }
  return '';
}

/** What the strategy orders by, highest first; null where dice alone do. */
function valueOf(network: Network, route: Route, call: CallToRoute, world: Figures): number | null {
  const buyer = network.buyers.get(route.buyer)!;
  switch (call.campaign.routing.strategy) {
    case 'highest_revenue': {
      const paying = buyer.worth.filter(({ when }) =>
        when.every((one) => evaluate(one, call.attributes) === true),
      );
      if (buyer.bid === null) return Math.max(0, ...paying.map(({ pays }) => pays));
      return buyer.worth.length > 0 && paying.length === 0 ? 0 : Number(world.bid(buyer.id));
    }
    case 'round_robin':
      return -(world.lastOffered(buyer.id) ?? -Infinity);
    case 'priority':
    case 'best_performing':
      return null;
  }
}

const ids = ['a', 'b', 'c', 'd', 'e'];
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('is' as const),
    attribute: fc.constantFrom('caller.state', 'ivr.zip', 'ivr.age'),
    values: fc.subarray(['TX', 'OK', '75001', 18, true], { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    attribute: fc.constantFrom('ivr.age', 'ivr.zip'),
    operator: fc.constantFrom('>=' as const, '<' as const, '>' as const, '<=' as const),
    value: fc.constantFrom(-1, 0, 17, 18, 18.5, 75_001),
  }),
  fc.record({
    kind: fc.constant('between' as const),
    attribute: fc.constant('ivr.age'),
    from: fc.constantFrom(0, 17, 18),
    to: fc.constantFrom(18, 18.5, 19),
  }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('any' as const, 'all' as const),
      conditions: fc.array(tie('condition'), { maxLength: 3 }),
    }),
  ),
}));
const hours: fc.Arbitrary<Hours> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Hours>('always') },
  fc.record({
    weekly: fc.constantFrom(
      new Map([[3, [{ from: 0, to: 719 }]]]),
      new Map([[3, [{ from: 720, to: 1_080 }]]]),
      new Map([[2, [{ from: 1_320, to: 721 }]]]),
    ),
    except: fc.constantFrom(new Map(), new Map([['2026-11-18', []]])),
  }),
);
const cap: fc.Arbitrary<Cap> = fc.record({
  count: fc.constantFrom('attempted', 'connected', 'converted', 'revenue'),
  limit: fc.integer({ min: 0, max: 4 }),
  per: fc.constantFrom('hour', 'day', 'week', 'month', 'ever'),
});
const buyerGiven = fc.record({
  paused: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  timezone: fc.constantFrom('America/New_York', 'Australia/Sydney'),
  hours,
  concurrency: fc.option(fc.integer({ min: 0, max: 3 })),
  caps: fc.array(cap, { maxLength: 2 }),
  spacing: fc.constantFrom(0, 1_000),
  accepts: fc.array(condition, { maxLength: 2 }),
  worth: fc.array(fc.record({ pays: fc.constantFrom(1, 5, 9), when: fc.array(leaf, { maxLength: 1 }) }), {
    maxLength: 2,
  }),
  bid: fc.option(
    fc.record({
      url: fc.constant('http://127.0.0.1:9/bid'),
      timeout: fc.constant(300),
      min: fc.constantFrom(0, 4),
      share: fc.constant('hash' as const),
    }),
    { freq: 2 },
  ),
});
/** Rarely limited: what all routes share would leave little to see. */
const limits = fc.record({
  concurrency: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: 4 })),
  caps: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.array(cap, { maxLength: 2 })),
});
const repeatCaller: fc.Arbitrary<RepeatCaller | null> = fc.option(
  fc.record({
    within: fc.constantFrom(1_000, 10_000),
    seen: fc.constantFrom('attempted', 'connected', 'converted'),
    treat: fc.constantFrom('any', 'same_buyer', 'other_buyer', 'reject'),
  }),
);
const attributes = fc.record(
  {
    'caller.state': fc.constantFrom('TX', 'NM'),
    'ivr.zip': fc.constantFrom('75001', '01234', '7'.repeat(10_000)),
    'ivr.age': fc.constantFrom<AttributeValue>(
      '17',
      '18',
      18,
      18.5,
      '18.50',
      -0,
      '19',
      'old',
      true,
      NaN,
      1e308,
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Attributes>;

interface Scene {
  readonly network: Network;
  readonly solar: Campaign;
  readonly call: CallToRoute;
  /** A fresh world each time: dice roll on. */
  readonly world: () => World & Figures;
}

const five = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 5, maxLength: 5 });

const scene: fc.Arbitrary<Scene> = fc
  .record({
    buyers: fc.tuple(...ids.map((id) => buyerGiven.map((given): Buyer => buyer(id, given)))),
    routed: fc.shuffledSubarray(ids),
    places: five(
      fc.record({ priority: fc.integer({ min: 1, max: 2 }), weight: fc.constantFrom(0, 1, 30, 70), limits }),
    ),
    groups: five(fc.constantFrom<(string | null)[]>(null, null, 'ring one', 'ring two')),
    strategy: fc.constantFrom<Campaign['routing']['strategy'][]>(
      'priority',
      'round_robin',
      'highest_revenue',
      'best_performing',
    ),
    explore: fc.constantFrom(0, 0.5),
    sticky: fc.option(fc.constantFrom(1_000, 10_000)),
    repeatCaller,
    caller: fc.constantFrom('+12145550199', null),
    publisher: fc.constantFrom('clickwise', 'unlisted'),
    attributes,
    shared: fc.record({ campaign: limits, publisher: limits, trunk: limits }),
    cps: fc.option(fc.integer({ min: 1, max: 3 })),
    figures: five(fc.integer({ min: 0, max: 5 })),
    sharedFigure: fc.integer({ min: 0, max: 3 }),
    ago: five(fc.option(fc.constantFrom(500, 1_000, 5_000))),
    bids: five(fc.constantFrom(null, 'timeout', 3, 4, 8, 8, NaN, -1, 1e308, Infinity)),
    seed: fc.nat(),
    up: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  })
  .map((given) => {
    const routes = given.routed.map((id, index): Route => {
      const { priority, weight, limits } = given.places[index]!;
      const group = given.groups[index] ?? null;
      // Members of one group share their place.
      const first = given.places[given.groups.indexOf(group)]!;
      const place =
        group === null ? { priority, weight } : { priority: first.priority, weight: first.weight };
      return route(id, place.priority, place.weight, { ...limits, group });
    });
    const solar = campaign(
      routes,
      { repeatCaller: given.repeatCaller, ...given.shared.campaign },
      given.strategy,
      { sticky: given.sticky, performance: { over: 1_000, minCalls: 2, explore: given.explore } },
    );
    const at = <T>(values: readonly T[], id: string): T | undefined => values[ids.indexOf(id)];
    const figure = (subject: Subject): number => {
      const name = subject.split(/[:/]/).at(-1) ?? '';
      return at(given.figures, name) ?? given.sharedFigure;
    };
    const ago = (id: string): number | null => {
      const span = at(given.ago, id) ?? null;
      return span === null ? null : noon - span;
    };
    return {
      network: network(given.buyers, [solar], {
        trunk: { concurrency: given.shared.trunk.concurrency, cps: given.cps },
        publisher: given.shared.publisher,
      }),
      solar,
      call: {
        campaign: solar,
        publisher: given.publisher,
        caller: given.caller,
        attributes: given.attributes,
      },
      world: () =>
        world({
          dice: seededDice(given.seed),
          live: figure,
          counted: (subject, count) => (count === 'revenue' ? 0 : figure(subject)),
          startedThisSecond: () => given.sharedFigure,
          lastOffered: ago,
          callerSeen: (_caller, _campaign, id) => ago(id),
          performance: (_campaign, id) => ({ attempts: at(given.figures, id) ?? 0, revenue: ago(id) ?? 0 }),
          bid: (id) => at(given.bids, id) ?? null,
          trunkUp: () => given.up,
        }),
    };
  });

const planOf = (decision: Decision): string[] =>
  decision.outcome === 'dial' ? decision.plan.map(({ buyer }) => buyer.id) : [];
const attempts = (decision: Decision): string[][] =>
  decision.outcome === 'dial'
    ? attemptsOf(decision.plan).map((members) => members.map(({ buyer }) => buyer.id))
    : [];
const priorityOf = ({ routing }: Campaign, id = ''): number =>
  routing.routes.find(({ buyer }) => buyer === id)?.priority ?? NaN;
const compareDown = (a: number, b: number): number => (a === b ? 0 : b - a);

function isSticky(
  { id, routing }: Campaign,
  { caller }: CallToRoute,
  members: string[],
  world: Figures,
): boolean {
  if (routing.sticky === null || caller === null || members[0] === undefined) return false;
  const at = world.callerSeen(caller, id, members[0], 'connected');
  return at !== null && world.now - at < routing.sticky;
}

describe('every decision', () => {
  it('leaves out whom a plain reading of the config leaves out, by the same rule', () => {
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        const decision = decide(compile(network), call, world());
        const expected = solar.routing.routes
          .map((route) => [route.buyer, leftOutBy(network, solar, route, call, world())])
          .toSorted();
        const actual = [
          ...planOf(decision).map((id) => [id, '']),
          ...decision.leftOut.map(({ buyer, rule }) => [buyer, rule]),
        ].toSorted();
        expect(actual).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is the same for the same call in the same world, explained or not', () => {
    fc.assert(
      fc.property(scene, ({ network, call, world }) => {
        const first = decide(compile(network), call, world());
        expect(decide(compile(network), call, world())).toEqual(first);
        const unexplained = decide(compile(network), call, world(), { explain: false });
        expect(unexplained).toEqual({ ...first, leftOut: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('begins the same where only the first attempts are wanted', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 1, max: 4 }), ({ network, call, world }, atMost) => {
        const all = decide(compile(network), call, world());
        const some = decide(compile(network), call, world(), { explain: false, atMost });
        expect(attempts(some)).toEqual(attempts(all).slice(0, atMost));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps to the priorities, but for the buyer who knows the caller', () => {
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        const [first = [], ...others] = attempts(decide(compile(network), call, world()));
        const priorities = [...(isSticky(solar, call, first, world()) ? [] : [first]), ...others].map(
          ([member]) => priorityOf(solar, member),
        );
        expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
      }),
    );
  });

  it('puts first whom the caller was connected to last', () => {
    let returned = 0;
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        const plan = planOf(decide(compile(network), call, world()));
        const { sticky } = solar.routing;
        fc.pre(sticky !== null && call.caller !== null);
        const last = (id: string): number => world().callerSeen('', '', id, 'connected') ?? -Infinity;
        const latest = Math.max(...plan.map(last));
        if (latest <= noon - sticky) return;
        returned++;
        expect(last(plan[0]!)).toBe(latest);
      }),
      { numRuns: 1_000 },
    );
    expect(returned, 'callers who came again in time').toBeGreaterThan(5);
  });

  it('orders by what the strategy looks at', () => {
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        fc.pre(solar.routing.sticky === null);
        const units = attempts(decide(compile(network), call, world())).map((members) => {
          const routes = members.map((id) => solar.routing.routes.find(({ buyer }) => buyer === id)!);
          const values = routes.map((route) => valueOf(network, route, call, world()) ?? 0);
          return { priority: routes[0]!.priority, value: Math.max(...values) };
        });
        expect(units).toEqual(
          units.toSorted((a, b) => a.priority - b.priority || compareDown(a.value, b.value)),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps a ring group together', () => {
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        const groupOf = (id: string) => solar.routing.routes.find(({ buyer }) => buyer === id)!.group;
        const groups = attempts(decide(compile(network), call, world()))
          .map(([first]) => groupOf(first!))
          .filter((group) => group !== null);
        expect(new Set(groups).size).toBe(groups.length);
      }),
    );
  });

  it('is not changed by a campaign that has nothing to do with it', () => {
    fc.assert(
      fc.property(scene, ({ network, solar, call, world }) => {
        const other: Campaign = { ...solar, id: 'roofing' };
        const wider = { ...network, campaigns: new Map([['roofing', other], ...network.campaigns]) };
        expect(decide(compile(wider), call, world())).toEqual(decide(compile(network), call, world()));
      }),
    );
  });

  it('is of buyers who still fit while nothing has changed', () => {
    fc.assert(
      fc.property(scene, ({ network, call, world }) => {
        const table = compile(network);
        const decision = decide(table, call, world());
        fc.pre(decision.outcome === 'dial');
        for (const attempt of decision.plan) expect(stillFits(table, call, attempt, world())).toBeNull();
      }),
    );
  });

  it('gives reasons that survive JSON', () => {
    fc.assert(
      fc.property(scene, ({ network, call, world }) => {
        // JSON has no word for these two, and no config or carrier yields them.
        fc.pre(![-0, NaN].some((strange) => Object.is(call.attributes['ivr.age'], strange)));
        const { leftOut } = decide(compile(network), call, world());
        expect(JSON.parse(JSON.stringify(leftOut))).toEqual(leftOut);
      }),
    );
  });
});

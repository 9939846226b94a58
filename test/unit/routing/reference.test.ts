/** The compiled decision against a plain reading of the network, and what must hold of every decision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes, Condition } from '../../../src/conditions/condition.ts';
import { evaluate } from '../../../src/conditions/evaluate.ts';
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
} from '../../../src/routing/network.ts';
import type { CallToRoute, Decision, World } from '../../../src/routing/plan.ts';
import { stillFits } from '../../../src/routing/still-fits.ts';
import { compile } from '../../../src/routing/table.ts';
import { buyer, campaign, network, noon, seededDice, world } from './world.ts';

/** Each rule spelt out over the config's own objects: slow, and written to be read. */
function leftOutBy(network: Network, solar: Campaign, route: Route, call: CallToRoute, world: World): string {
  const buyer = network.buyers.get(route.buyer)!;
  const seen = (id: string): number => {
    const rule = solar.repeatCaller;
    if (rule === null || call.caller === null) return -Infinity;
    const at = world.callerSeen(call.caller, solar.id, id, rule.seen);
    return at === null || world.now - at >= rule.within ? -Infinity : at;
  };
  const latest = Math.max(...solar.routing.routes.map((other) => seen(other.buyer)));
  const owner = solar.routing.routes
    .toSorted((a, b) => a.priority - b.priority)
    .find((other) => seen(other.buyer) === latest);
  const isRepeat = latest > -Infinity;
  const treat = solar.repeatCaller?.treat;

  if (buyer.paused) return 'paused';
  if (!world.trunkUp(buyer.trunk)) return 'trunk_down';
  if (!buyer.accepts.every((condition) => evaluate(condition, call.attributes) === true)) return 'accepts';
  if (!isOpen(buyer.hours, buyer.timezone, world.now)) return 'hours';
  if (buyer.caps.some(({ count, limit, per }) => world.counted(buyer.id, count, per) >= limit)) return 'cap';
  if (buyer.concurrency !== null && world.liveCalls(buyer.id) >= buyer.concurrency) return 'concurrency';
  const offered = world.lastOffered(buyer.id);
  if (buyer.spacing > 0 && offered !== null && world.now - offered < buyer.spacing) return 'spacing';
  if (isRepeat && treat === 'reject') return 'repeat_caller';
  if (isRepeat && treat === 'same_buyer' && owner?.buyer !== buyer.id) return 'repeat_caller';
  if (treat === 'other_buyer' && seen(buyer.id) > -Infinity) return 'repeat_caller';
  return '';
}

const ids = ['a', 'b', 'c', 'd', 'e'];
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('is' as const),
    attribute: fc.constantFrom('caller.state', 'ivr.zip'),
    values: fc.subarray(['TX', 'OK', '75001'], { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    attribute: fc.constant('ivr.age'),
    operator: fc.constantFrom('>=' as const, '<' as const),
    value: fc.integer({ min: 17, max: 19 }),
  }),
);
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
    'ivr.zip': fc.constantFrom('75001', '01234'),
    'ivr.age': fc.constantFrom('17', '18', '19', 'old'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Attributes>;

interface Scene {
  readonly network: Network;
  readonly solar: Campaign;
  readonly call: CallToRoute;
  /** A fresh world each time: dice roll on. */
  readonly world: () => World;
}

const scene: fc.Arbitrary<Scene> = fc
  .record({
    buyers: fc.tuple(...ids.map((id) => buyerGiven.map((given): Buyer => buyer(id, given)))),
    routed: fc.shuffledSubarray(ids),
    places: fc.array(
      fc.record({ priority: fc.integer({ min: 1, max: 2 }), weight: fc.constantFrom(0, 1, 30, 70) }),
      {
        minLength: 5,
        maxLength: 5,
      },
    ),
    strategy: fc.constantFrom('priority' as const, 'round_robin' as const),
    repeatCaller,
    caller: fc.constantFrom('+12145550199', null),
    attributes,
    figures: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 5, maxLength: 5 }),
    ago: fc.array(fc.option(fc.constantFrom(500, 1_000, 5_000)), { minLength: 5, maxLength: 5 }),
    seed: fc.nat(),
    up: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  })
  .map((given) => {
    const routes = given.routed.map((id, index) => ({ buyer: id, ...given.places[index]! }));
    const solar = campaign(routes, { repeatCaller: given.repeatCaller }, given.strategy);
    const figure = (id: string): number => given.figures[ids.indexOf(id)] ?? 0;
    const ago = (id: string): number | null => {
      const span = given.ago[ids.indexOf(id)] ?? null;
      return span === null ? null : noon - span;
    };
    return {
      network: network(given.buyers, [solar]),
      solar,
      call: { campaign: solar, caller: given.caller, attributes: given.attributes },
      world: () =>
        world({
          dice: seededDice(given.seed),
          liveCalls: figure,
          counted: (id, count) => (count === 'revenue' ? 0 : figure(id)),
          lastOffered: ago,
          callerSeen: (_caller, _campaign, id) => ago(id),
          trunkUp: () => given.up,
        }),
    };
  });

const planOf = (decision: Decision): string[] =>
  decision.outcome === 'dial' ? decision.plan.map(({ buyer }) => buyer.id) : [];

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
        expect(planOf(decide(compile(network), call, world(), { explain: false }))).toEqual(planOf(first));
      }),
    );
  });

  it('keeps to the priorities', () => {
    fc.assert(
      fc.property(scene, ({ network, call, world }) => {
        const decision = decide(compile(network), call, world());
        const priorities =
          decision.outcome === 'dial' ? decision.plan.map(({ route }) => route.priority) : [];
        expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
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
        const { leftOut } = decide(compile(network), call, world());
        expect(JSON.parse(JSON.stringify(leftOut))).toEqual(leftOut);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { blocked, decide } from '../../../src/routing/decide.ts';
import type { Buyer, Campaign, RepeatCaller } from '../../../src/routing/network.ts';
import type { CallToRoute, Decision, LeftOut, World } from '../../../src/routing/plan.ts';
import { compile } from '../../../src/routing/table.ts';
import { buyer, campaign, network, noon, route, seededDice, world } from './world.ts';

const caller = '+12145550199';

function routed(
  buyers: readonly Buyer[],
  given: { campaign?: Campaign; call?: Partial<CallToRoute>; world?: Partial<World> } = {},
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
  const cases: [string, Partial<Buyer>, Partial<World>, CallToRoute['attributes'], Omit<LeftOut, 'buyer'>][] =
    [
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

  it.each<[string, Partial<Buyer>, Partial<World>]>([
    ['one below the cap', { caps: [{ count: 'connected', limit: 40, per: 'day' }] }, { counted: () => 39 }],
    ['one below the concurrency', { concurrency: 2 }, { live: () => 1 }],
    ['spacing over', { spacing: 30_000 }, { lastOffered: () => noon - 30_000 }],
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
    let around: Partial<World> = {
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
    (seen: Record<string, number>): World['callerSeen'] =>
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

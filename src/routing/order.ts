/** The order among the candidates of one priority: by the campaign's strategy, a ring group being one unit. */
import type { CompiledCampaign, CompiledRoute } from './compiled.ts';
import { expectedRevenue } from './expected-revenue.ts';
import type { World } from './plan.ts';
import type { Asked } from './rules.ts';
import { SortedOrder } from './sorted-order.ts';
import { WeightedOrder, type Order } from './weighted-order.ts';

/** Candidates as places among the campaign's routes, ascending; what rings together is one unit of several. */
interface Units {
  readonly places: readonly number[];
  /** Where in `places` each unit begins. */
  readonly starts: readonly number[];
}

export function unitsOf({ groups }: CompiledCampaign, places: readonly number[]): Units {
  const starts: number[] = [];
  for (let index = 0; index < places.length; index++) {
    if (!isSameGroup(groups, places[index - 1] ?? -1, places[index] ?? -1)) starts.push(index);
  }
  return { places, starts };
}

export function isSameGroup(groups: CompiledCampaign['groups'], a: number, b: number): boolean {
  if (groups === null || a < 0 || b < 0) return false;
  const group = groups[a] ?? -1;
  return group >= 0 && group === groups[b];
}

/** Names units, by their place in `units.starts`. Rolls no dice before it must. */
export function orderOf(compiled: CompiledCampaign, units: Units, asked: Asked): Order {
  const { call, world } = asked;
  const { strategy, campaign } = compiled;
  const weights = weightsOf(compiled, units);
  switch (strategy) {
    case 'priority':
      return new WeightedOrder(weights, world);
    case 'round_robin':
      return new SortedOrder(
        bestOf(compiled, units, (route) => waitOf(route, world)),
        weights,
        null,
      );
    case 'highest_revenue':
      return new SortedOrder(
        bestOf(compiled, units, ({ buyer }) => expectedRevenue(buyer, call, world)),
        weights,
        world,
      );
    case 'best_performing': {
      const { over, minCalls, explore } = campaign.routing.performance;
      if (units.starts.length < 2) return new WeightedOrder(weights, world);
      if (explore > 0 && world.dice() < explore) return new WeightedOrder(weights, world);
      const measured = bestOf(compiled, units, ({ buyer }) =>
        earnedPerAttempt(world.performance(call.campaign.id, buyer.buyer.id, over), minCalls),
      );
      return new SortedOrder(withMean(measured), weights, world);
    }
  }
}

function weightsOf({ weights }: CompiledCampaign, { places, starts }: Units): number[] {
  const found: number[] = [];
  for (const start of starts) found.push(weights[places[start] ?? -1] ?? 0);
  return found;
}

/** The value of each unit is that of its best member. */
function bestOf(
  { routes }: CompiledCampaign,
  { places, starts }: Units,
  valueOf: (route: CompiledRoute) => number,
): number[] {
  const best: number[] = [];
  for (let unit = 0; unit < starts.length; unit++) {
    const end = starts[unit + 1] ?? places.length;
    let value = Number.NEGATIVE_INFINITY;
    for (let index = starts[unit] ?? end; index < end; index++) {
      const route = routes[places[index] ?? -1];
      if (route !== undefined) value = Math.max(value, valueOf(route));
    }
    best.push(value);
  }
  return best;
}

/** Never offered counts as the longest wait. */
function waitOf({ buyer }: CompiledRoute, world: World): number {
  const last = buyer.limits.usageIn(world).lastOffered();
  return last === null ? Number.POSITIVE_INFINITY : world.now - last;
}

/** Micro-units; -Infinity where there is too little to go by. */
function earnedPerAttempt({ attempts, revenue }: ReturnType<World['performance']>, minCalls: number): number {
  const counts = attempts > 0 && attempts >= minCalls && Number.isFinite(revenue);
  return counts ? revenue / attempts : Number.NEGATIVE_INFINITY;
}

/** Who has too few attempts to be measured is measured by the mean of the others. */
function withMean(measured: readonly number[]): readonly number[] {
  const known = measured.filter((value) => value > Number.NEGATIVE_INFINITY);
  const mean = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  return measured.map((value) => (value > Number.NEGATIVE_INFINITY ? value : mean));
}

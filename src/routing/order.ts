/** The order among the takers of one priority. A ring group is one unit: its members stay side by side. */
import type { CompiledRoute } from './compiled.ts';
import { expectedRevenue } from './expected-revenue.ts';
import type { RoutingRules } from './network.ts';
import type { World } from './plan.ts';
import type { Asked } from './rules.ts';
import { drawnByWeight } from './weighted-order.ts';

/** `takers` with the members of a group side by side; the first `count` units of them in order. */
export function orderTier(
  rules: RoutingRules,
  takers: readonly CompiledRoute[],
  count: number,
  asked: Asked,
): readonly CompiledRoute[] {
  if (takers.length < 2) return takers;
  const starts = startsOfUnits(takers);
  if (starts.length < 2) return takers;
  const order = orderOf(rules, { takers, starts }, count, asked);
  if (starts.length === takers.length) return order.flatMap((unit) => takers[unit] ?? []);
  return order.flatMap((unit) => takers.slice(starts[unit], starts[unit + 1]));
}

/** What stands together: routes of one group in one tier. */
export function isSameUnit(a: CompiledRoute | undefined, b: CompiledRoute | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const { group, priority } = a.attempt.route;
  return group !== null && group === b.attempt.route.group && priority === b.attempt.route.priority;
}

interface Units {
  readonly takers: readonly CompiledRoute[];
  /** Where each unit begins among the takers. */
  readonly starts: readonly number[];
}

function startsOfUnits(takers: readonly CompiledRoute[]): number[] {
  const starts: number[] = [];
  for (let at = 0; at < takers.length; at++) {
    if (!isSameUnit(takers[at - 1], takers[at])) starts.push(at);
  }
  return starts;
}

function orderOf(rules: RoutingRules, units: Units, count: number, asked: Asked): readonly number[] {
  const { call, world } = asked;
  switch (rules.strategy) {
    case 'priority':
      return drawnByWeight(weightsOf(units), count, world);
    case 'round_robin':
      return byValue(units, (taker) => waitOf(taker, world), count, null);
    case 'highest_revenue':
      return byValue(units, (taker) => expectedRevenue(taker.buyer, call, world), count, world);
    case 'best_performing': {
      const { over, minCalls, explore } = rules.performance;
      if (explore > 0 && world.dice() < explore) return drawnByWeight(weightsOf(units), count, world);
      const perAttempt = units.takers.map(({ buyer }) => {
        const { attempts, revenue } = world.performance(call.campaign.id, buyer.buyer.id, over);
        return attempts > 0 && attempts >= minCalls && Number.isFinite(revenue) ? revenue / attempts : null;
      });
      const measured = perAttempt.filter((value) => value !== null);
      const mean =
        measured.length === 0 ? 0 : measured.reduce((sum, value) => sum + value, 0) / measured.length;
      return byValue(units, (_taker, at) => perAttempt[at] ?? mean, count, world);
    }
  }
}

/** Never offered counts as the longest wait. */
function waitOf({ buyer }: CompiledRoute, world: World): number {
  const last = world.lastOffered(buyer.buyer.id);
  return last === null ? Number.POSITIVE_INFINITY : world.now - last;
}

/** Highest first, a unit being worth its best member; ties drawn by weight, or as listed where nobody draws. */
function byValue(
  units: Units,
  valueOf: (taker: CompiledRoute, at: number) => number,
  count: number,
  drawing: World | null,
): readonly number[] {
  const values = units.starts.map((start, unit) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let at = start; at < (units.starts[unit + 1] ?? units.takers.length); at++) {
      const taker = units.takers[at];
      if (taker !== undefined) best = Math.max(best, valueOf(taker, at));
    }
    return best;
  });
  const value = (unit: number): number => values[unit] ?? 0;
  const sorted = [...units.starts.keys()].sort((a, b) => (value(a) === value(b) ? 0 : value(b) - value(a)));
  if (drawing === null) return sorted.slice(0, count);

  const order: number[] = [];
  const weights = weightsOf(units);
  for (let from = 0; from < sorted.length && order.length < count;) {
    const tied = sorted.slice(from).filter((unit) => value(unit) === value(sorted[from] ?? 0));
    const drawn = drawnByWeight(
      tied.map((unit) => weights[unit] ?? 0),
      count - order.length,
      drawing,
    );
    for (const place of drawn) order.push(tied[place] ?? 0);
    from += tied.length;
  }
  return order;
}

function weightsOf({ takers, starts }: Units): number[] {
  return starts.map((start) => takers[start]?.attempt.route.weight ?? 0);
}

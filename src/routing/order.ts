/** The order among buyers of one priority, made in place at the end of the plan. */
import type { RoutingRules } from './network.ts';
import type { PlannedAttempt, World } from './plan.ts';

/** Orders `plan[from]` and all after it. */
export function orderTier(
  strategy: RoutingRules['strategy'],
  plan: PlannedAttempt[],
  from: number,
  world: World,
): void {
  if (plan.length - from < 2) return;
  switch (strategy) {
    case 'priority':
      drawByWeight(plan, from, world);
      return;
    case 'round_robin':
      longestWaitingFirst(plan, from, world);
      return;
  }
}

/**
 * Drawn one after the other without putting back: who is dialled first follows the weights, and so does who is next
 * when that one fails. One roll for each draw among two or more. Weight 0 is a reserve: after all others, as listed.
 */
function drawByWeight(plan: PlannedAttempt[], from: number, world: World): void {
  let total = 0;
  let weighted = 0;
  for (let at = from; at < plan.length; at++) {
    const weight = weightAt(plan, at);
    total += weight;
    if (weight > 0) weighted++;
  }
  for (let place = from; weighted > 0; place++, weighted--) {
    const drawn = weighted === 1 ? pick(plan, place, 0) : pick(plan, place, world.dice() * total);
    total -= weightAt(plan, drawn);
    moveForward(plan, drawn, place);
  }
}

/** The entry, from `place` on, in whose share of the weights `point` falls. */
function pick(plan: readonly PlannedAttempt[], place: number, point: number): number {
  let rest = point;
  let last = place;
  for (let at = place; at < plan.length; at++) {
    const weight = weightAt(plan, at);
    if (weight <= 0) continue;
    last = at;
    rest -= weight;
    if (rest < 0) break;
  }
  // Past the end only where fractions of weights were rounded: then the last one it is.
  return last;
}

function moveForward(plan: PlannedAttempt[], at: number, place: number): void {
  const moved = plan[at];
  if (moved === undefined) return;
  for (let to = at; to > place; to--) {
    const before = plan[to - 1];
    if (before !== undefined) plan[to] = before;
  }
  plan[place] = moved;
}

function longestWaitingFirst(plan: PlannedAttempt[], from: number, world: World): void {
  const waiting = (attempt: PlannedAttempt): number =>
    world.lastOffered(attempt.buyer.id) ?? Number.NEGATIVE_INFINITY;
  const tier = plan.splice(from).map((attempt) => ({ attempt, since: waiting(attempt) }));
  // Never offered counts as longest; the sort is stable, so ties stay as the config lists them.
  tier.sort((a, b) => (a.since === b.since ? 0 : a.since - b.since));
  for (const { attempt } of tier) plan.push(attempt);
}

function weightAt(plan: readonly PlannedAttempt[], at: number): number {
  return plan[at]?.route.weight ?? 0;
}

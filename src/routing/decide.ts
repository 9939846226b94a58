/**
 * The decision: which buyers, in which order, and why not the others. Pure: clock, counters and dice are arguments,
 * so the same call in the same world yields the same plan, on the call path, in `simulate` and in a replay.
 *
 * Every buyer of the campaign is either in the plan or left out. The plan holds all that may take the call, in order;
 * the call story dials along it until someone answers, `routing.attempts` were made or the ringing took too long. A
 * buyer whose last slot was taken since costs no attempt, which is why the plan does not end at `attempts`.
 */
import type { CompiledCampaign, CompiledRoute, RoutingTable } from './table.ts';
import { explain } from './explain.ts';
import type { Campaign } from './network.ts';
import { orderTier } from './order.ts';
import type { CallToRoute, Decision, LeftOut, PlannedAttempt, World } from './plan.ts';
import { repeatOf } from './repeat-caller.ts';
import { firstBroken } from './rules.ts';

export interface DecideOptions {
  /** Name each buyer left out, with its rule (the default). Without, nothing is allocated for them. */
  readonly explain?: boolean;
}

export function decide(
  table: RoutingTable,
  call: CallToRoute,
  world: World,
  { explain: explaining = true }: DecideOptions = {},
): Decision {
  const compiled = table.campaigns.get(call.campaign.id);
  if (compiled === undefined) return { outcome: 'reject', reason: 'unknown_number', leftOut: nobody };
  if (blocked(compiled.campaign, call.caller))
    return { outcome: 'reject', reason: 'blocked', leftOut: nobody };
  return planFor(compiled, call, world, explaining);
}

/** Asked before the menu too: such a call is not answered. `null` is a caller who withheld the number. */
export function blocked(campaign: Campaign, caller: string | null): boolean {
  return caller === null ? campaign.block.anonymous : campaign.block.callers.has(caller);
}

const nobody: readonly LeftOut[] = Object.freeze([]);

function planFor(
  { campaign, routes }: CompiledCampaign,
  call: CallToRoute,
  world: World,
  explaining: boolean,
): Decision {
  const repeat = repeatOf(campaign, routes, call.caller, world);
  const plan: PlannedAttempt[] = [];
  const leftOut: LeftOut[] | null = explaining ? [] : null;

  let at = 0;
  while (at < routes.length) {
    const tier = plan.length;
    const end = endOfTier(routes, at);
    for (; at < end; at++) {
      const route = routes[at];
      if (route === undefined) continue;
      const rule = firstBroken(route, call, world, repeat);
      if (rule === null) plan.push(route.attempt);
      else leftOut?.push(explain(rule, route, call, world, repeat));
    }
    orderTier(campaign.routing.strategy, plan, tier, world);
  }

  if (plan.length > 0) return { outcome: 'dial', plan, leftOut: leftOut ?? nobody };
  const reason = repeat?.treat === 'reject' ? 'repeat_caller' : 'no_buyer';
  return { outcome: 'reject', reason, leftOut: leftOut ?? nobody };
}

/** Routes are sorted: those of one priority stand together. */
function endOfTier(routes: readonly CompiledRoute[], start: number): number {
  const priority = routes[start]?.attempt.route.priority;
  let end = start + 1;
  while (end < routes.length && routes[end]?.attempt.route.priority === priority) end++;
  return end;
}

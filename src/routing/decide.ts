/**
 * The decision: which buyers, in which order, and why not the others. Pure: clock, counters and dice are arguments,
 * so the same call in the same world yields the same plan, on the call path, in `simulate` and in a replay.
 *
 * Every buyer of the campaign is either in the plan or left out. The plan holds all that may take the call, in order;
 * the call story dials along it until someone answers, `routing.attempts` were made or the ringing took too long. A
 * buyer whose last slot was taken since costs no attempt, which is why the plan does not end at `attempts`.
 */
import { hasBit, nextBit } from './bits.ts';
import type { CompiledCampaign, CompiledRoute } from './compiled.ts';
import { explain } from './explain.ts';
import { commonLimits } from './limits.ts';
import type { Campaign } from './network.ts';
import { isSameUnit, orderTier } from './order.ts';
import type { CallToRoute, Decision, LeftOut, World } from './plan.ts';
import { repeatOf } from './repeat-caller.ts';
import { firstBroken, firstReached, isUp, type Asked } from './rules.ts';
import { stickyFirst } from './sticky.ts';
import type { RoutingTable } from './table.ts';

export type DecideOptions =
  /** Name each buyer left out, with its rule: the default. */
  | { readonly explain?: true }
  /** Nothing is allocated for those left out. `atMost`: a plan of no more attempts, the first ones. */
  | { readonly explain: false; readonly atMost?: number };

export function decide(
  table: RoutingTable,
  call: CallToRoute,
  world: World,
  options: DecideOptions = {},
): Decision {
  const compiled = table.campaigns.get(call.campaign.id);
  if (compiled === undefined) return { outcome: 'reject', reason: 'unknown_number', leftOut: nobody };
  const { campaign, routes, limits } = compiled;
  if (blocked(campaign, call.caller)) return { outcome: 'reject', reason: 'blocked', leftOut: nobody };

  const asked: Asked = {
    call,
    world,
    common: commonLimits(limits, table.publishers.get(call.publisher), world),
    repeat: repeatOf(campaign, routes, call.caller, world),
  };
  if (options.explain === false) {
    const { atMost = Number.POSITIVE_INFINITY } = options;
    const plan = planFor(compiled, asked, quick(compiled, asked), atMost);
    return decisionOf(plan, nobody, asked.repeat);
  }
  const leftOut: LeftOut[] = [];
  const plan = planFor(compiled, asked, thorough(compiled, asked, leftOut), Number.POSITIVE_INFINITY);
  return decisionOf(plan, leftOut, asked.repeat);
}

/** Asked before the menu too: such a call is not answered. `null` is a caller who withheld the number. */
export function blocked(campaign: Campaign, caller: string | null): boolean {
  return caller === null ? campaign.block.anonymous : campaign.block.callers.has(caller);
}

const nobody: readonly LeftOut[] = Object.freeze([]);

/** Who of the routes from `start` to `end` may take the call. */
type Takers = (start: number, end: number) => readonly CompiledRoute[];

function quick(compiled: CompiledCampaign, asked: Asked): Takers {
  const { routes, accept, open } = compiled;
  const { call, world, common, repeat } = asked;
  if (common.capped !== null || common.busy !== null || repeat?.treat === 'reject') return () => [];
  const candidates = accept.accepting(open.openAt(world.now), call.attributes);
  return (start, end) => {
    const takers: CompiledRoute[] = [];
    for (let at = nextBit(candidates, start); at >= 0 && at < end; at = nextBit(candidates, at + 1)) {
      const route = routes[at];
      if (route === undefined || !isUp(route, world)) continue;
      if (route.buyer.acceptance.rest?.(call.attributes) === false) continue;
      if (firstReached(route, asked) === null) takers.push(route);
    }
    return takers;
  };
}

function thorough(compiled: CompiledCampaign, asked: Asked, leftOut: LeftOut[]): Takers {
  const { routes, accept, open, all } = compiled;
  const { call, world } = asked;
  const accepting = accept.accepting(all, call.attributes);
  const opened = open.openAt(world.now);
  return (start, end) =>
    routes.slice(start, end).filter((route, index) => {
      const { rest } = route.buyer.acceptance;
      const accepts = hasBit(accepting, start + index) && rest?.(call.attributes) !== false;
      const rule = firstBroken(route, { accepts, isOpen: hasBit(opened, start + index) }, asked);
      if (rule !== null) leftOut.push(explain(rule, route, asked));
      return rule === null;
    });
}

/** Tier after tier, until there are enough; a caller's own buyer may stand in any of them. */
function planFor(
  { campaign, tiers }: CompiledCampaign,
  asked: Asked,
  takers: Takers,
  atMost: number,
): readonly CompiledRoute[] {
  const { call, world } = asked;
  const sticks = campaign.routing.sticky !== null && call.caller !== null;
  const enough = sticks ? Number.POSITIVE_INFINITY : atMost;
  const plan: CompiledRoute[] = [];
  let attempts = 0;
  for (const { start, end } of tiers) {
    if (attempts >= enough) break;
    for (const route of orderTier(campaign.routing, takers(start, end), enough - attempts, asked)) {
      if (!isSameUnit(plan.at(-1), route)) attempts++;
      plan.push(route);
    }
  }
  if (!sticks) return plan;
  const sticky = stickyFirst(plan, call, world);
  let units = 0;
  const end = sticky.findIndex((route, at) => !isSameUnit(sticky[at - 1], route) && ++units > atMost);
  return end < 0 ? sticky : sticky.slice(0, end);
}

function decisionOf(
  plan: readonly CompiledRoute[],
  leftOut: readonly LeftOut[],
  repeat: Asked['repeat'],
): Decision {
  if (plan.length > 0) return { outcome: 'dial', plan: plan.map(({ attempt }) => attempt), leftOut };
  return { outcome: 'reject', reason: repeat?.treat === 'reject' ? 'repeat_caller' : 'no_buyer', leftOut };
}

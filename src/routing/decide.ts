/**
 * The decision: which buyers, in which order, and why not the others. Pure: clock, counters and dice are arguments,
 * so the same call in the same world yields the same plan, on the call path, in `simulate` and in a replay.
 *
 * Every buyer of the campaign is either in the plan or left out. The plan holds all that may take the call, in order;
 * the call story dials along it until someone answers, `routing.attempts` were made or the ringing took too long. A
 * buyer whose last slot was taken since costs no attempt, which is why the plan does not end at `attempts`.
 */
import type { Attributes } from '../conditions/condition.ts';
import { hasBit, noBits, setBit, type Bits } from './bits.ts';
import type { CompiledCampaign } from './compiled.ts';
import { explain } from './explain.ts';
import { commonLimits } from './limits.ts';
import type { Campaign } from './network.ts';
import type { CallToRoute, Decision, LeftOut, PlannedAttempt, World } from './plan.ts';
import { planAmong, type Candidates } from './planning.ts';
import { repeatOf } from './repeat-caller.ts';
import { firstBroken, firstReached, isUp, type Asked } from './rules.ts';
import type { RoutingTable } from './table.ts';

export type DecideOptions =
  /** Name each buyer left out, with its rule: the default. */
  | { readonly explain?: true }
  /**
   * Nothing is allocated for those left out. With `atMost`, the plan ends after so many attempts, and nobody is looked
   * at whose turn does not come.
   */
  | { readonly explain: false; readonly atMost?: number };

export function decide(
  table: RoutingTable,
  call: CallToRoute,
  world: World,
  options: DecideOptions = {},
): Decision {
  const compiled = table.campaigns.get(call.campaign.id);
  if (compiled === undefined) return { outcome: 'reject', reason: 'unknown_number', leftOut: nobody };
  const { campaign, limits } = compiled;
  if (blocked(campaign, call.caller, call.attributes)) {
    return { outcome: 'reject', reason: 'blocked', leftOut: nobody };
  }

  const asked: Asked = {
    call,
    world,
    common: commonLimits(limits, table.publishers.get(call.publisher) ?? null, world),
    repeat: repeatOf(campaign, call.caller, world),
  };
  if (options.explain === false) {
    const { atMost = Number.POSITIVE_INFINITY } = options;
    if (isHopeless(asked)) return decisionOf([], nobody, asked);
    return decisionOf(planAmong(compiled, quickly(compiled, asked), asked, atMost), nobody, asked);
  }
  const leftOut: LeftOut[] = [];
  const candidates = thoroughly(compiled, asked, leftOut);
  return decisionOf(planAmong(compiled, candidates, asked, Number.POSITIVE_INFINITY), leftOut, asked);
}

/**
 * Asked before the menu too: such a call is not answered. A caller of `null` withheld the number, unless the attributes
 * say otherwise: it was shown and could not be read.
 */
export function blocked({ block }: Campaign, caller: string | null, attributes: Attributes = {}): boolean {
  if (caller !== null) return block.callers.has(caller);
  return block.anonymous && attributes['caller.anonymous'] !== false;
}

const nobody: readonly LeftOut[] = Object.freeze([]);

/** What bars every buyer at once. */
function isHopeless({ common, repeat }: Asked): boolean {
  return common.capped !== null || common.busy !== null || repeat?.treat === 'reject';
}

function candidatesOf({ accept, open }: CompiledCampaign, { call, world }: Asked): Bits {
  return accept.accepting(open.openAt(world.now), call.attributes);
}

function quickly(compiled: CompiledCampaign, asked: Asked): Candidates {
  const { routes } = compiled;
  const { call, world } = asked;
  return {
    bits: candidatesOf(compiled, asked),
    takes: (at) => {
      const route = routes[at];
      if (route === undefined || !isUp(route, world)) return false;
      if (route.buyer.rest?.(call.attributes) === false) return false;
      return firstReached(route, asked) === null;
    },
  };
}

function thoroughly(compiled: CompiledCampaign, asked: Asked, leftOut: LeftOut[]): Candidates {
  const { routes, accept, open, all } = compiled;
  const { call, world } = asked;
  const accepting = accept.accepting(all, call.attributes);
  const opened = open.openAt(world.now);
  const takers = noBits(routes.length);
  for (let at = 0; at < routes.length; at++) {
    const route = routes[at];
    if (route === undefined) continue;
    const { rest } = route.buyer;
    const accepts = hasBit(accepting, at) && rest?.(call.attributes) !== false;
    const rule = firstBroken(route, { accepts, isOpen: hasBit(opened, at) }, asked);
    if (rule === null) setBit(takers, at);
    else leftOut.push(explain(rule, route, asked));
  }
  return { bits: candidatesOf(compiled, asked), takes: (at) => hasBit(takers, at) };
}

function decisionOf(
  plan: readonly PlannedAttempt[],
  leftOut: readonly LeftOut[],
  { repeat }: Asked,
): Decision {
  if (plan.length > 0) return { outcome: 'dial', plan, leftOut };
  return { outcome: 'reject', reason: repeat?.treat === 'reject' ? 'repeat_caller' : 'no_buyer', leftOut };
}

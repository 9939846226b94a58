/**
 * The decision: which buyers, in which order, and why not the others. Pure: clock, counters and dice are arguments,
 * so the same call in the same world yields the same plan, on the call path, in `simulate` and in a replay.
 *
 * Every buyer of the campaign is either in the plan or left out. The plan holds all that may take the call, in order;
 * the call story dials along it until someone answers, `routing.attempts` were made or the ringing took too long. A
 * buyer whose last slot was taken since costs no attempt, which is why the plan does not end at `attempts`.
 */
import type { Attributes } from '../conditions/condition.ts';
import { hasBit, nextBit, noBits, setBit, type Bits } from './bits.ts';
import type { CompiledCampaign, CompiledRoute } from './compiled.ts';
import { explain } from './explain.ts';
import { commonLimits } from './limits.ts';
import type { Campaign } from './network.ts';
import type { CallToRoute, Decision, LeftOut, PlannedAttempt, World } from './plan.ts';
import { planAmong, type Candidates } from './planning.ts';
import { repeatOf } from './repeat-caller.ts';
import { Reasons } from './reasons.ts';
import { firstReached, type Asked } from './rules.ts';
import type { RoutingTable } from './table.ts';

export type DecideOptions =
  /** Name each buyer left out, with its rule: the default. The words are made when they are read. */
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
  if (compiled.blocks && blocked(campaign, call.caller, call.attributes)) {
    return { outcome: 'reject', reason: 'blocked', leftOut: nobody };
  }

  const asked: Asked = {
    call,
    world,
    trunks: world.trunks(),
    common: commonLimits(limits, table.publishers.get(call.publisher) ?? null, world),
    repeat: repeatOf(compiled, call.caller, world),
  };
  if (options.explain === false) {
    const { atMost = Number.POSITIVE_INFINITY } = options;
    if (isHopeless(asked)) return decisionOf([], null, asked);
    return decisionOf(planAmong(compiled, quickly(compiled, asked), asked, atMost), null, asked);
  }
  const { candidates, reasons } = thoroughly(compiled, asked);
  return decisionOf(planAmong(compiled, candidates, asked, Number.POSITIVE_INFINITY), reasons, asked);
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
  return {
    bits: candidatesOf(compiled, asked),
    takes: (at) => {
      const route = routes[at];
      return route !== undefined && isWilling(route, asked) && firstReached(route, asked) === null;
    },
  };
}

/** Every candidate is looked at, and what keeps it from the call is noted while it can be seen. */
function thoroughly(
  compiled: CompiledCampaign,
  asked: Asked,
): { readonly candidates: Candidates; readonly reasons: Reasons } {
  const { routes } = compiled;
  const bits = candidatesOf(compiled, asked);
  const takers = noBits(routes.length);
  const noted = new Map<number, LeftOut>();
  for (let at = nextBit(bits, 0); at >= 0 && at < routes.length; at = nextBit(bits, at + 1)) {
    const route = routes[at];
    if (route === undefined || !isWilling(route, asked)) continue;
    const rule = firstReached(route, asked);
    if (rule === null) setBit(takers, at);
    else noted.set(at, explain(rule, route, asked));
  }
  const candidates = { bits, takes: (at: number) => hasBit(takers, at) };
  return { candidates, reasons: new Reasons(compiled, asked, takers, noted) };
}

/** What the index of conditions does not tell of a candidate that is open. */
function isWilling({ buyer }: CompiledRoute, { trunks, call }: Asked): boolean {
  return trunks.isUp(buyer.trunkId) && buyer.rest?.(call.attributes) !== false;
}

function decisionOf(plan: readonly PlannedAttempt[], reasons: Reasons | null, { repeat }: Asked): Decision {
  const decided =
    plan.length > 0
      ? ({ outcome: 'dial', plan, leftOut: nobody } as const)
      : ({
          outcome: 'reject',
          reason: repeat?.treat === 'reject' ? 'repeat_caller' : 'no_buyer',
          leftOut: nobody,
        } as const);
  if (reasons === null) return decided;
  return Object.defineProperty(decided, 'leftOut', { get: () => reasons.inWords() });
}

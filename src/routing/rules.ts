/** The rules that leave a buyer out. The first that fails, in this order, is the reason. */
import type { CompiledBuyer, CompiledRoute } from './compiled.ts';
import { isValidBid } from './expected-revenue.ts';
import { reached, reachedOn, type Common } from './limits.ts';
import type { CallToRoute, Rule, TrunksNow, World } from './plan.ts';
import { barredAsRepeat, type Repeat } from './repeat-caller.ts';

/** What is the same for every route of a decision. */
export interface Asked {
  readonly call: CallToRoute;
  readonly world: World;
  readonly trunks: TrunksNow;
  readonly common: Common;
  /** null: the caller is no repeat caller, or is treated as any other. */
  readonly repeat: Repeat | null;
}

/** null: the buyer may take this call. Allocates nothing. */
export function firstBroken(
  route: CompiledRoute,
  { accepts, isOpen }: { readonly accepts: boolean; readonly isOpen: boolean },
  asked: Asked,
): Rule | null {
  if (route.buyer.paused) return 'paused';
  if (!asked.trunks.isUp(route.buyer.trunkId)) return 'trunk_down';
  if (!accepts) return 'accepts';
  if (!isOpen) return 'hours';
  return firstReached(route, asked);
}

/** The rules that change from call to call. */
export function firstReached(route: CompiledRoute, asked: Asked): Rule | null {
  const { world, common, repeat } = asked;
  const { buyer } = route;
  const limits =
    reachedOn(buyer.limited, world) | reachedOn(route.limits, world) | reachedOn(buyer.trunkLimited, world);
  if ((limits & reached.cap) !== 0 || common.capped !== null) return 'cap';
  if ((limits & reached.concurrency) !== 0 || common.busy !== null) return 'concurrency';
  if (buyer.isPaced && (isTooSoon(buyer, world) || isPastCps(route, world))) return 'spacing';
  if (repeat !== null && barredAsRepeat(repeat, buyer.buyer, world)) return 'repeat_caller';
  return buyer.isPaced && isWithoutBid(buyer, world) ? 'bid' : null;
}

export function isTooSoon({ buyer, limits }: CompiledBuyer, world: World): boolean {
  const { spacing } = buyer;
  if (spacing <= 0) return false;
  const last = limits.usageIn(world).lastOffered();
  // A clock that was set back makes the last offer lie ahead: that freezes nobody.
  return last !== null && last <= world.now && world.now - last < spacing;
}

function isWithoutBid({ buyer }: CompiledBuyer, world: World): boolean {
  return buyer.bid !== null && !isValidBid(world.bid(buyer.id), buyer.bid);
}

function isPastCps({ buyer }: CompiledRoute, world: World): boolean {
  const { id, cps } = buyer.trunk.trunk;
  return cps !== null && world.startedThisSecond(id) >= cps;
}

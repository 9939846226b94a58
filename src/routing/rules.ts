/** The rules that leave a buyer out. The first that fails, in this order, is the reason. */
import type { CompiledRoute } from './compiled.ts';
import { isValidBid } from './expected-revenue.ts';
import { fullCap, isBusy, type Common } from './limits.ts';
import type { CallToRoute, Rule, World } from './plan.ts';
import { barredAsRepeat, type Repeat } from './repeat-caller.ts';

/** What is the same for every route of a decision. */
export interface Asked {
  readonly call: CallToRoute;
  readonly world: World;
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
  if (route.buyer.buyer.paused) return 'paused';
  if (!isUp(route, asked.world)) return 'trunk_down';
  if (!accepts) return 'accepts';
  if (!isOpen) return 'hours';
  return firstReached(route, asked);
}

export function isUp({ buyer: { trunk } }: CompiledRoute, world: World): boolean {
  return world.trunkUp(trunk.trunk.id);
}

/** The rules that change from call to call. */
export function firstReached(route: CompiledRoute, asked: Asked): Rule | null {
  const { world, common, repeat } = asked;
  const { buyer } = route;
  const { trunk } = buyer;
  if (fullCap(buyer.limits, world) !== null || fullCap(route.limits, world) !== null) return 'cap';
  if (common.capped !== null) return 'cap';
  if (isBusy(buyer.limits, world) || isBusy(trunk.limits, world) || isBusy(route.limits, world)) {
    return 'concurrency';
  }
  if (common.busy !== null) return 'concurrency';
  if (isTooSoon(buyer.buyer.id, buyer.buyer.spacing, world) || isPastCps(route, world)) return 'spacing';
  if (repeat !== null && barredAsRepeat(repeat, buyer.buyer, world)) return 'repeat_caller';
  if (buyer.buyer.bid !== null && !isValidBid(world.bid(buyer.buyer.id), buyer.buyer.bid)) return 'bid';
  return null;
}

export function isTooSoon(buyer: string, spacing: number, world: World): boolean {
  if (spacing <= 0) return false;
  const last = world.lastOffered(buyer);
  return last !== null && world.now - last < spacing;
}

function isPastCps({ buyer }: CompiledRoute, world: World): boolean {
  const { id, cps } = buyer.trunk.trunk;
  return cps !== null && world.startedThisSecond(id) >= cps;
}

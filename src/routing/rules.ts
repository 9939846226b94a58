/** The rules that leave a buyer out. The first that fails, in this order, is the reason: cheap ones and plain ones first. */
import type { CompiledRoute } from './table.ts';
import type { Buyer, Cap } from './network.ts';
import type { CallToRoute, Rule, World } from './plan.ts';
import { barredAsRepeat, type Repeat } from './repeat-caller.ts';

/** null: the buyer may take this call. Allocates nothing. */
export function firstBroken(
  { attempt: { buyer, trunk }, accepts, openAt }: CompiledRoute,
  call: CallToRoute,
  world: World,
  repeat: Repeat | null,
): Rule | null {
  if (buyer.paused) return 'paused';
  if (!world.trunkUp(trunk.id)) return 'trunk_down';
  if (!accepts(call.attributes)) return 'accepts';
  if (!openAt(world.now)) return 'hours';
  if (reachedCap(buyer, world) !== null) return 'cap';
  if (buyer.concurrency !== null && world.liveCalls(buyer.id) >= buyer.concurrency) return 'concurrency';
  if (tooSoon(buyer, world)) return 'spacing';
  if (repeat !== null && barredAsRepeat(repeat, buyer, world)) return 'repeat_caller';
  return null;
}

export function reachedCap(buyer: Buyer, world: World): Cap | null {
  for (const cap of buyer.caps) {
    if (world.counted(buyer.id, cap.count, cap.per) >= cap.limit) return cap;
  }
  return null;
}

function tooSoon(buyer: Buyer, world: World): boolean {
  if (buyer.spacing <= 0) return false;
  const last = world.lastOffered(buyer.id);
  return last !== null && world.now - last < buyer.spacing;
}

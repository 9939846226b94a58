/**
 * A caller whom a buyer of this campaign has seen (attempted, connected or converted) less than `within` ago.
 *
 *   any          takes no notice
 *   other_buyer  leaves out the buyers who have seen the caller
 *   same_buyer   leaves out all but the buyer who saw the caller last: if that one cannot take the call, nobody does
 *   reject       leaves out everybody
 */
import type { CompiledCampaign } from './compiled.ts';
import type { Buyer, RepeatCaller } from './network.ts';
import type { SeenCaller, World } from './plan.ts';

export type Repeat = {
  readonly rule: RepeatCaller;
  readonly caller: SeenCaller;
} & (
  | { readonly treat: 'other_buyer' }
  /** Who saw the caller last, and when. */
  | {
      readonly treat: 'same_buyer' | 'reject';
      readonly last: { readonly buyer: string; readonly at: number };
    }
);

/** null: the caller is new, unknown, or treated as any other. `other_buyer` is for each buyer to tell. */
export function repeatOf(compiled: CompiledCampaign, caller: string | null, world: World): Repeat | null {
  const rule = compiled.repeatCaller;
  if (rule === null || caller === null) return null;
  const { treat } = rule;
  if (treat === 'any') return null;
  const { campaign } = compiled;
  // One look-up a decision: nearly every caller is new.
  const seenCaller = world.seenIn(campaign.id, caller);
  if (seenCaller === null) return null;
  if (treat === 'other_buyer') return { rule, treat, caller: seenCaller };
  let buyer: string | null = null;
  let at = Number.NEGATIVE_INFINITY;
  for (const route of campaign.routing.routes) {
    const seen = seenWithin(rule, seenCaller, route.buyer, world);
    if (seen === null || seen <= at) continue;
    buyer = route.buyer;
    at = seen;
  }
  return buyer === null ? null : { rule, treat, caller: seenCaller, last: { buyer, at } };
}

export function barredAsRepeat(repeat: Repeat, buyer: Buyer, world: World): boolean {
  switch (repeat.treat) {
    case 'reject':
      return true;
    case 'same_buyer':
      return buyer.id !== repeat.last.buyer;
    case 'other_buyer':
      return lastSeenBy(repeat, buyer, world) !== null;
  }
}

/** When this buyer saw the caller, if that was less than `within` ago. */
export function lastSeenBy(repeat: Repeat, buyer: Buyer, world: World): number | null {
  return seenWithin(repeat.rule, repeat.caller, buyer.id, world);
}

function seenWithin(rule: RepeatCaller, caller: SeenCaller, buyer: string, world: World): number | null {
  const at = caller.by(buyer, rule.seen);
  return at !== null && world.now - at < rule.within ? at : null;
}

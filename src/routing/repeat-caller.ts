/**
 * A caller whom a buyer of this campaign has seen (attempted, connected or converted) less than `within` ago.
 *
 *   any          takes no notice
 *   other_buyer  leaves out the buyers who have seen the caller
 *   same_buyer   leaves out all but the buyer who saw the caller last: if that one cannot take the call, nobody does
 *   reject       leaves out everybody
 */
import type { CompiledRoute } from './compiled.ts';
import type { Buyer, Campaign, RepeatCaller } from './network.ts';
import type { World } from './plan.ts';

export interface Repeat {
  readonly rule: RepeatCaller;
  readonly treat: 'same_buyer' | 'other_buyer' | 'reject';
  readonly campaign: string;
  readonly caller: string;
  /** Who saw the caller last, and when. */
  readonly last: { readonly buyer: string; readonly at: number };
}

/** null: the caller is new, unknown, or treated as any other. */
export function repeatOf(
  campaign: Campaign,
  routes: readonly CompiledRoute[],
  caller: string | null,
  world: World,
): Repeat | null {
  const rule = campaign.repeatCaller;
  if (rule === null || rule.treat === 'any' || caller === null) return null;
  let buyer: string | null = null;
  let at = Number.NEGATIVE_INFINITY;
  for (const { attempt } of routes) {
    const seen = seenWithin(rule, campaign.id, caller, attempt.buyer.id, world);
    if (seen === null || seen <= at) continue;
    buyer = attempt.buyer.id;
    at = seen;
  }
  if (buyer === null) return null;
  return { rule, treat: rule.treat, campaign: campaign.id, caller, last: { buyer, at } };
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
  return seenWithin(repeat.rule, repeat.campaign, repeat.caller, buyer.id, world);
}

function seenWithin(
  rule: RepeatCaller,
  campaign: string,
  caller: string,
  buyer: string,
  world: World,
): number | null {
  const at = world.callerSeen(caller, campaign, buyer, rule.seen);
  return at !== null && world.now - at < rule.within ? at : null;
}

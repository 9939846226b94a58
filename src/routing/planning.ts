/** From who may take the call to the plan: tier after tier, by the campaign's strategy, the caller's own buyer first. */
import { nextBit, type Bits } from './bits.ts';
import type { CompiledCampaign, CompiledRoute } from './compiled.ts';
import { isSameGroup, orderOf, unitsOf } from './order.ts';
import type { PlannedAttempt } from './plan.ts';
import type { Asked } from './rules.ts';

export interface Candidates {
  /** Who accepts the call and is open, as far as that can be told of all at once. */
  readonly bits: Bits;
  /** Whether the candidate at this place may take the call by every rule. Asked of nobody whose turn does not come. */
  takes(at: number): boolean;
}

/** At most so many attempts, a ring group being one. Who is passed over has been drawn like everybody else. */
export function planAmong(
  compiled: CompiledCampaign,
  candidates: Candidates,
  asked: Asked,
  atMost: number,
): readonly PlannedAttempt[] {
  const { routes, tierEnds, groups } = compiled;
  const plan: PlannedAttempt[] = [];
  const add = (at: number): boolean => {
    const route = routes[at];
    if (route === undefined || !candidates.takes(at)) return false;
    plan.push(route.attempt);
    return true;
  };

  const own = ownBuyer(compiled, candidates, asked);
  let attempts = own < 0 ? 0 : 1;
  if (own >= 0) {
    add(own);
    for (const at of companionsOf(compiled, candidates.bits, own)) add(at);
  }

  for (let tier = 0; tier < tierEnds.length && attempts < atMost; tier++) {
    const places = placesIn(candidates.bits, tierEnds[tier - 1] ?? 0, tierEnds[tier] ?? 0);
    if (places.length === 0) continue;
    if (groups === null && places.length === 1 && places[0] !== own) {
      if (add(places[0] ?? -1)) attempts++;
      continue;
    }
    const units = unitsOf(compiled, places);
    const order = orderOf(compiled, units, asked);
    for (let unit = order.next(); unit >= 0 && attempts < atMost; unit = order.next()) {
      const from = units.starts[unit] ?? 0;
      const to = units.starts[unit + 1] ?? units.places.length;
      let isTaken = false;
      for (let index = from; index < to; index++) {
        const at = units.places[index] ?? -1;
        if (at === own || isSameGroup(groups, at, own)) continue;
        if (add(at)) isTaken = true;
      }
      if (isTaken) attempts++;
    }
  }
  return plan;
}

/** `sticky`: the buyer that this caller was connected to last, of those who may take the call; -1: none. */
function ownBuyer(
  { campaign, sticky, routes }: CompiledCampaign,
  candidates: Candidates,
  asked: Asked,
): number {
  const { call, world } = asked;
  const { caller } = call;
  if (sticky === null || caller === null) return -1;
  const seen = world.seenIn(campaign.id, caller);
  if (seen === null) return -1;
  const lastConnected = ({ attempt }: CompiledRoute): number =>
    seen.by(attempt.buyer.id, 'connected') ?? Number.NEGATIVE_INFINITY;
  const known: { readonly at: number; readonly last: number }[] = [];
  for (const at of placesIn(candidates.bits, 0, routes.length)) {
    const route = routes[at];
    const last = route === undefined ? Number.NEGATIVE_INFINITY : lastConnected(route);
    if (world.now - last < sticky) known.push({ at, last });
  }
  known.sort((a, b) => b.last - a.last);
  return known.find(({ at }) => candidates.takes(at))?.at ?? -1;
}

function companionsOf({ groups, routes }: CompiledCampaign, bits: Bits, own: number): readonly number[] {
  if (groups === null) return [];
  return placesIn(bits, 0, routes.length).filter((at) => at !== own && isSameGroup(groups, at, own));
}

function placesIn(bits: Bits, start: number, end: number): number[] {
  const places: number[] = [];
  for (let at = nextBit(bits, start); at >= 0 && at < end; at = nextBit(bits, at + 1)) places.push(at);
  return places;
}

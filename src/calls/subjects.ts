import type { Subject } from '../routing/network.ts';
import type { CallToRoute, PlannedAttempt } from '../routing/plan.ts';
import type { Call } from './call.ts';
import type { Floor } from './floor.ts';

/** The call as the routing decision is asked about it. */
export function toRoute(call: Call): CallToRoute {
  return {
    campaign: call.campaign,
    publisher: call.identity.publisher,
    caller: call.identity.from,
    attributes: call.attributes,
  };
}

/** Everything on which an attempt of this call holds a slot, and for which it counts. */
export function subjectsOf(call: Call, planned: PlannedAttempt): readonly Subject[] {
  return [...planned.subjects, `publisher:${call.identity.publisher}`];
}

/** An attempt was made, or it was connected: counted on its subjects, remembered of its caller. */
export function happened(
  floor: Floor,
  call: Call,
  planned: PlannedAttempt,
  what: 'attempted' | 'connected',
  at: number,
): void {
  const { campaign, from } = call.identity;
  const buyer = planned.buyer.id;
  floor.tally.count(subjectsOf(call, planned), what, 1, at);
  if (from !== null) floor.tally.see({ caller: from, campaign, buyer, seen: what, at });
  if (what === 'connected') return;
  floor.tally.offered(buyer, at);
  floor.performance.add(campaign, buyer, { attempts: 1 }, at);
}

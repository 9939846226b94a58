import { worthOf } from '../routing/expected-revenue.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { stillFits } from '../routing/still-fits.ts';
import type { Call } from './call.ts';
import type { Floor } from './floor.ts';
import type { Lease } from './counts/leases.ts';
import { happened, subjectsOf, toRoute } from './subjects.ts';
import type { Tried } from './trunks/trunks.ts';
import { worldOf } from './world.ts';

interface Slot {
  readonly lease: Lease;
  /** Micro-units; what the buyer was chosen by is what it owes, though the bid may expire while it rings. */
  readonly bid: number | null;
  readonly tried: Tried;
}

/** In one tick: the rules are asked, the lease is taken and the attempt counted, so that no other call comes between. */
export function takeSlot(call: Call, floor: Floor, planned: PlannedAttempt): Slot | null {
  const world = worldOf(floor, call.bids, call.id);
  const asked = toRoute(call);
  const { routing } = call.table;
  const worth = worthOf(routing, asked, planned, world);
  const attempted = { call: call.id, buyer: planned.buyer.id, subjects: subjectsOf(call, planned), worth };
  const lease = floor.leases.take(attempted, () => stillFits(routing, asked, planned, world));
  if ('rule' in lease) {
    call.leftOut = [...call.leftOut, lease];
    return null;
  }
  const tried = floor.trunks.started(planned.trunk.id, world.now);
  happened(floor, call, planned, 'attempted', call.now());
  const bid = planned.buyer.bid === null ? null : world.bid(planned.buyer.id);
  return { lease, bid: typeof bid === 'number' ? bid : null, tried };
}

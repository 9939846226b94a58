import type { World } from '../routing/plan.ts';
import type { Floor } from './floor.ts';

/** The world of this instant, as the routing decision reads it. A lease counts towards a cap until its event did. */
export function worldOf(floor: Pick<Floor, 'leases' | 'tally' | 'trunks' | 'now' | 'dice'>): World {
  const { leases, tally, trunks } = floor;
  const now = floor.now();
  return {
    now,
    dice: () => floor.dice(),
    liveCalls: (buyer) => leases.live(buyer),
    counted: (buyer, count, per) => {
      const counted = tally.counted(buyer, count, per, now);
      if (count === 'connected') return counted + leases.ringing(buyer);
      if (count === 'converted') return counted + leases.mayConvert(buyer);
      return counted;
    },
    trunkUp: (trunk) => trunks.isUp(trunk),
    lastOffered: (buyer) => tally.lastOffered(buyer),
    callerSeen: (caller, campaign, buyer, seen) => tally.seen(caller, campaign, buyer, seen),
  };
}

import type { World } from '../routing/plan.ts';
import { standingBid, type Bid } from './bids.ts';
import type { Floor } from './floor.ts';

/** The world of this instant, as the routing decision reads it. A lease counts towards a cap until its event did. */
export function worldOf(
  floor: Pick<Floor, 'leases' | 'tally' | 'performance' | 'now' | 'dice'> & {
    readonly trunks: Pick<Floor['trunks'], 'isUp' | 'startedThisSecond'>;
  },
  bids: ReadonlyMap<string, Bid>,
  /** The call that asks: the slots it holds already do not stand in its way. */
  call?: string,
): World {
  const { leases, tally, trunks, performance } = floor;
  const now = floor.now();
  return {
    now,
    dice: () => floor.dice(),
    live: (subject) => leases.live(subject, call),
    counted: (subject, count, per) => {
      const counted = tally.counted(subject, count, per, now);
      if (count === 'connected') return counted + leases.ringing(subject, call);
      if (count === 'converted') return counted + leases.mayConvert(subject, call);
      return counted;
    },
    startedThisSecond: (trunk) => trunks.startedThisSecond(trunk, now),
    trunkUp: (trunk) => trunks.isUp(trunk, now),
    lastOffered: (buyer) => tally.lastOffered(buyer),
    callerSeen: (caller, campaign, buyer, seen) => tally.seen(caller, campaign, buyer, seen),
    performance: (campaign, buyer, over) => performance.over(campaign, buyer, now - over),
    bid: (buyer) => standingBid(bids, buyer, now),
  };
}

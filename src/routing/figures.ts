import type { CapCount, CapPeriod, Subject } from './network.ts';
import type { Seen, World } from './plan.ts';

/** A world told figure by figure, by name: that of calls that could be. */
export interface Figures extends Omit<World, 'asking' | 'usages' | 'trunks' | 'seenIn'> {
  live(subject: Subject): number;
  counted(subject: Subject, count: CapCount, per: CapPeriod): number;
  trunkUp(trunk: string): boolean;
  /** As of TrunksNow. */
  trunkRests(trunk: string): string | null;
  lastOffered(buyer: string): number | null;
  callerSeen(caller: string, campaign: string, buyer: string, seen: Seen): number | null;
}

/** Nothing has happened, every trunk is up, nobody bids. */
export function nothingYet(now: number, dice: () => number): Figures {
  return {
    now,
    dice,
    live: () => 0,
    counted: () => 0,
    startedThisSecond: () => 0,
    trunkUp: () => true,
    trunkRests: () => null,
    lastOffered: () => null,
    callerSeen: () => null,
    performance: () => ({ attempts: 0, revenue: 0 }),
    bid: () => null,
  };
}

/** The same as the decision reads it. */
export function worldOfFigures(figures: Figures): World {
  return {
    now: figures.now,
    asking: null,
    dice: () => figures.dice(),
    usages: {
      of: (subject) => ({
        changes: -1,
        live: () => figures.live(subject),
        counted: (count, per) => figures.counted(subject, count, per),
        lastOffered: () => {
          const buyer = /^buyer:(.*)$/s.exec(subject)?.[1];
          return buyer === undefined ? null : figures.lastOffered(buyer);
        },
      }),
    },
    startedThisSecond: (trunk) => figures.startedThisSecond(trunk),
    trunks: () => ({
      isUp: (trunk) => figures.trunkUp(trunk),
      rests: (trunk) => figures.trunkRests(trunk),
    }),
    seenIn: (campaign, caller) => ({
      by: (buyer, seen) => figures.callerSeen(caller, campaign, buyer, seen),
    }),
    performance: (campaign, buyer, over) => figures.performance(campaign, buyer, over),
    bid: (buyer) => figures.bid(buyer),
  };
}

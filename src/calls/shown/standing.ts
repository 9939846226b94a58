/** How every buyer stands now against its own limits, for who watches over the network. */
import { compileHours } from '../../routing/hours.ts';
import type { Buyer, Cap } from '../../routing/network.ts';
import { formatMoney } from '../../settlement/money.ts';
import type { Floor } from '../floor.ts';

/** JSON as it is. */
export interface BuyerStanding {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
  /** The first thing that keeps every call away from it now; null where it may be offered some. */
  readonly closed: 'paused' | 'trunk_down' | 'hours' | 'cap' | 'concurrency' | null;
  /** Calls that hold one of its slots. */
  readonly live: number;
  readonly concurrency: number | null;
  readonly caps: readonly CapStanding[];
}

interface CapStanding {
  readonly count: Cap['count'];
  readonly per: Cap['per'];
  /** Calls, or decimal text where the cap is on revenue. Attempts that may yet be counted are in it, as routing sees them. */
  readonly used: number | string;
  readonly limit: number | string;
  /** Of the limit; above 1 where it was lowered since. */
  readonly share: number;
}

type Watched = Pick<Floor, 'usages' | 'now' | 'table'> & { readonly trunks: Pick<Floor['trunks'], 'at'> };

/** In the order of the config; amounts have `minorDigits` decimals at least. */
export function standingOf(floor: Watched, minorDigits: number): readonly BuyerStanding[] {
  const now = floor.now();
  const trunks = floor.trunks.at(now);
  return [...floor.table().routing.network.buyers.values()].map((buyer) => {
    const usage = floor.usages.of(`buyer:${buyer.id}`);
    const live = usage.live(null);
    const caps = buyer.caps.map((cap) =>
      capStanding(cap, usage.counted(cap.count, cap.per, now, null), minorDigits),
    );
    return {
      id: buyer.id,
      name: buyer.name,
      timezone: buyer.timezone,
      closed: closedBy(buyer, { now, live, caps, up: trunks.isUp(buyer.trunk) }),
      live,
      concurrency: buyer.concurrency,
      caps,
    };
  });
}

/** In the order in which routing asks. */
function closedBy(
  buyer: Buyer,
  is: {
    readonly now: number;
    readonly live: number;
    readonly caps: readonly CapStanding[];
    readonly up: boolean;
  },
): BuyerStanding['closed'] {
  if (buyer.paused) return 'paused';
  if (!is.up) return 'trunk_down';
  if (!compileHours(buyer.hours, buyer.timezone).isOpen(is.now)) return 'hours';
  if (is.caps.some(({ share }) => share >= 1)) return 'cap';
  return buyer.concurrency !== null && is.live >= buyer.concurrency ? 'concurrency' : null;
}

function capStanding({ count, per, limit }: Cap, used: number, minorDigits: number): CapStanding {
  const written = (figure: number) =>
    count === 'revenue' ? formatMoney(BigInt(Math.round(figure)), minorDigits) : figure;
  return { count, per, used: written(used), limit: written(limit), share: limit === 0 ? 1 : used / limit };
}

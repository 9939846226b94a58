/** The period of a payout cap in which an instant falls, on the network's clock. */
import { DateTime } from 'luxon';
import type { PayoutCap } from './terms.ts';

/** [from, to), milliseconds since the epoch. Weeks begin on Monday. */
export interface CapPeriod {
  readonly from: number;
  readonly to: number;
}

const always: CapPeriod = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export function capPeriod(per: PayoutCap['per'], timezone: string, at: number): CapPeriod {
  if (per === 'ever') return always;
  const from = DateTime.fromMillis(at, { zone: timezone }).startOf(per);
  // From its noon: where clocks change at midnight, a day later is not yet, or no more, the next day's first instant.
  const to = from
    .plus({ hours: 12 })
    .plus({ [per]: 1 })
    .startOf(per);
  return { from: from.toMillis(), to: to.toMillis() };
}

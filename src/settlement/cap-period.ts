/** The period of a payout cap in which an instant falls, on the network's clock. */
import { periodEnd, periodStart } from '../calendar/period.ts';
import type { PayoutCap } from './terms.ts';

/** [from, to), milliseconds since the epoch. Weeks begin on Monday. */
export interface CapPeriod {
  readonly from: number;
  readonly to: number;
}

const always: CapPeriod = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export function capPeriod(per: PayoutCap['per'], timezone: string, at: number): CapPeriod {
  if (per === 'ever') return always;
  return { from: periodStart(per, timezone, at), to: periodEnd(per, timezone, at) };
}

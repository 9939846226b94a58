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
  const key = `${per} ${timezone}`;
  const last = lasts.get(key);
  if (last && at >= last.from && at < last.to) return last;
  const period = { from: periodStart(per, timezone, at), to: periodEnd(per, timezone, at) };
  lasts.set(key, period);
  return period;
}

/** Calls end in the order of time, more or less: nearly all of them in the period of the one before. */
const lasts = new Map<string, CapPeriod>();

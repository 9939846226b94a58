/** What a call is worth once a dispute about it was accepted. */
import { toMinorUnit, type Money } from './money.ts';
import type { DisputeTerms } from './terms.ts';

export interface Worth {
  readonly revenue: Money;
  readonly payout: Money;
}

/**
 * `remains` of the revenue, from 0 to all of it. What is taken back of the revenue is taken back of the payout in the
 * same proportion, rounded half to even, unless the network bears it.
 */
export function afterDispute(
  stands: Worth,
  remains: Money,
  policy: DisputeTerms['payout'],
  minorDigits: number,
): Worth {
  if (policy === 'keep') return { revenue: remains, payout: stands.payout };
  if (remains === 0n) return { revenue: 0n, payout: 0n };
  const takenBack = stands.payout * (stands.revenue - remains);
  return {
    revenue: remains,
    payout: stands.payout - toMinorUnit(takenBack, stands.revenue, minorDigits, 'half_even'),
  };
}

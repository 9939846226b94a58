/** What remains of a call once a dispute about it is accepted. */
import { toMinorUnit, type Money } from './money.ts';
import type { Settlement } from './settle.ts';
import type { DisputeTerms } from './terms.ts';

type Amounts = Pick<Settlement, 'revenue' | 'payout' | 'margin'>;

/**
 * `remains` is the revenue that remains, from 0 to what it was. Where the payout is taken back too, it is in the same
 * proportion as the revenue, rounded half to even; where it is kept, or there was no revenue, the payout stays.
 */
export function disputed(
  { revenue, payout }: Pick<Amounts, 'revenue' | 'payout'>,
  remains: Money,
  policy: DisputeTerms['payout'],
  minorDigits: number,
): Amounts {
  const isReversed = policy === 'reverse' && revenue > 0n;
  const takenBack = isReversed
    ? toMinorUnit(payout * (revenue - remains), revenue, minorDigits, 'half_even')
    : 0n;
  const left = payout - takenBack;
  return { revenue: remains, payout: left, margin: remains - left };
}

import type { Money } from '../../settlement/money.ts';
import type { RecordedCall } from './recorded-call.ts';

/** What a call is worth as it stands, in micro-units. */
export interface CallWorth {
  readonly revenue: Money;
  readonly payout: Money;
  readonly currency: string;
  readonly minorDigits: number;
}

/** `corrected` where it is worth something else than its record said when it was read. */
export const worthOf = (
  { row, book }: RecordedCall,
  corrected?: Pick<CallWorth, 'revenue' | 'payout'>,
): CallWorth => ({
  revenue: corrected?.revenue ?? row.revenue,
  payout: corrected?.payout ?? row.payout,
  currency: book.currency,
  minorDigits: book.minorDigits,
});

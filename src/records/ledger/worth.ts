import { formatMoney, type Money } from '../../settlement/money.ts';
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

/** Decimal text. */
export interface WorthView {
  readonly currency: string;
  readonly revenue: string;
  readonly payout: string;
  readonly margin: string;
}

export function worthView({ revenue, payout, currency, minorDigits }: CallWorth): WorthView {
  const money = (amount: Money) => formatMoney(amount, minorDigits);
  return { currency, revenue: money(revenue), payout: money(payout), margin: money(revenue - payout) };
}

/** What must be known for payout caps: what a publisher was paid in a period, in one currency. */
import { capPeriod, type CapPeriod } from './cap-period.ts';
import type { Facts } from './settle.ts';
import type { TermsBook } from './terms.ts';

export interface CapSum {
  readonly publisher: string;
  readonly currency: string;
  /** Null: in all of them. */
  readonly campaign: string | null;
  readonly period: CapPeriod;
}

type Ended = Pick<Facts, 'publisher' | 'campaign' | 'endedAt'>;

/** One for each cap of the call's publisher, in their order: of the period in which the call ended. */
export function capSums(
  { publisher, endedAt }: Omit<Ended, 'campaign'>,
  { publishers, currency, timezone }: Pick<TermsBook, 'publishers' | 'currency' | 'timezone'>,
): readonly CapSum[] {
  const caps = publishers.get(publisher)?.caps ?? [];
  return caps.map(({ campaign, per }) => ({
    ...{ publisher, currency, campaign },
    period: capPeriod(per, timezone, endedAt),
  }));
}

/** The same for two sums that are of the same calls. */
export const keyOf = ({ publisher, currency, campaign, period }: CapSum): string =>
  JSON.stringify([publisher, currency, campaign, period.from, period.to]);

/** Whether what this call pays is part of the sum. */
export const countsIn = (call: Ended & { readonly currency: string }, sum: CapSum): boolean =>
  call.publisher === sum.publisher &&
  call.currency === sum.currency &&
  (sum.campaign === null || sum.campaign === call.campaign) &&
  call.endedAt >= sum.period.from &&
  call.endedAt < sum.period.to;

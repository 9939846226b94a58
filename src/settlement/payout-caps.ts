/** A publisher's payout caps: what is left of them cuts what a call pays. */
import { formatMoney, type Money } from './money.ts';
import type { PayoutCap } from './terms.ts';

/** The cap that leaves the least, where that is less than `payout`. */
interface Cut {
  readonly cap: PayoutCap;
  readonly left: Money;
}

/** `owed`: for each of the caps, in their order, what other calls of its period were paid. */
export function cutBy(
  caps: readonly PayoutCap[],
  owed: readonly Money[],
  { campaign, payout }: { readonly campaign: string; readonly payout: Money },
): Cut | null {
  let tightest: Cut | null = null;
  for (const [index, cap] of caps.entries()) {
    if (cap.campaign !== null && cap.campaign !== campaign) continue;
    const paid = owed[index];
    if (paid === undefined)
      throw new Error(`of ${caps.length} payout caps only ${owed.length} were looked up`);
    const left = paid < cap.limit ? cap.limit - paid : 0n;
    if (left < (tightest?.left ?? payout)) tightest = { cap, left };
  }
  return tightest;
}

/** `payout cap 5000.00 a month in solar: 12.50 left of 30.00`. */
export function whyItWasCut({ cap, left }: Cut, payout: Money, minorDigits: number): string {
  const money = (amount: Money): string => formatMoney(amount, minorDigits);
  const of = cap.campaign === null ? '' : ` in ${cap.campaign}`;
  return `payout cap ${money(cap.limit)} ${every[cap.per]}${of}: ${money(left)} left of ${money(payout)}`;
}

const every: Readonly<Record<PayoutCap['per'], string>> = {
  day: 'a day',
  week: 'a week',
  month: 'a month',
  ever: 'ever',
};

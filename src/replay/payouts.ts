import type { PaidOut } from '../records/paid-out.ts';
import { capPeriod } from '../settlement/cap-period.ts';
import type { Money } from '../settlement/money.ts';
import type { Facts } from '../settlement/settle.ts';
import type { PayoutCap, TermsBook } from '../settlement/terms.ts';

type Ended = Pick<Facts, 'publisher' | 'campaign' | 'endedAt'>;

/** What publishers were paid before the first of the calls. */
export interface PaidBefore {
  readonly byDay: readonly PaidOut[];
  readonly ever: readonly Omit<PaidOut, 'endedAt'>[];
}

/** What publishers are paid in the periods of their payout caps, as the records would have it. */
export class Payouts {
  readonly #book: TermsBook;
  readonly #paid = new Map<string, Money>();

  constructor(book: TermsBook, { byDay, ever }: PaidBefore) {
    this.#book = book;
    for (const { payout, ...call } of byDay) this.#add(call, payout, ({ per }) => per !== 'ever');
    for (const { payout, ...call } of ever)
      this.#add({ ...call, endedAt: 0 }, payout, ({ per }) => per === 'ever');
  }

  /** For each cap of the publisher, in their order, what other calls of the period in which this one ended were paid. */
  owed(call: Ended): readonly Money[] {
    return this.#caps(call).map((cap, index) => this.#paid.get(this.#keyOf(call, cap, index)) ?? 0n);
  }

  add(call: Ended, payout: Money): void {
    this.#add(call, payout, () => true);
  }

  #add(call: Ended, payout: Money, isMeant: (cap: PayoutCap) => boolean): void {
    if (payout === 0n) return;
    this.#caps(call).forEach((cap, index) => {
      if (!isMeant(cap) || (cap.campaign !== null && cap.campaign !== call.campaign)) return;
      const key = this.#keyOf(call, cap, index);
      this.#paid.set(key, (this.#paid.get(key) ?? 0n) + payout);
    });
  }

  #caps({ publisher }: Ended): readonly PayoutCap[] {
    return this.#book.publishers.get(publisher)?.caps ?? [];
  }

  #keyOf({ publisher, endedAt }: Ended, { per }: PayoutCap, index: number): string {
    return `${publisher} ${index} ${capPeriod(per, this.#book.timezone, endedAt).from}`;
  }
}

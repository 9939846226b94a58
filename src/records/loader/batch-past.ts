/**
 * The past of each call of a batch: what the database had before the batch, and what was settled in it since. So calls
 * that come together are settled as if they had come one by one.
 */
import { countsIn, keyOf, type CapSum } from '../../settlement/cap-sums.ts';
import { Duplicates } from '../../settlement/duplicates.ts';
import type { Money } from '../../settlement/money.ts';
import { nearer } from '../../settlement/other-call.ts';
import type { Past, Settlement } from '../../settlement/settle.ts';
import { nothingBefore, type CallUnderTerms } from './past.ts';

export class BatchPast {
  readonly #before: ReadonlyMap<CallUnderTerms, Past>;
  readonly #duplicates = new Duplicates();
  readonly #paid = new Map<string, Money>();
  /** By publisher: a call counts in those too for which only other calls, under other terms, ask. */
  readonly #sums = new Map<string, Map<string, CapSum>>();

  /** `before`: as `pastsOf` told of the same calls, in the same order. */
  constructor(calls: readonly CallUnderTerms[], before: readonly Past[]) {
    this.#before = new Map(calls.map((each, at) => [each, before[at] ?? nothingBefore]));
    for (const sum of calls.flatMap(({ sums }) => sums)) {
      const known = this.#sums.get(sum.publisher) ?? new Map<string, CapSum>();
      this.#sums.set(sum.publisher, known.set(keyOf(sum), sum));
    }
  }

  of(each: CallUnderTerms): Past {
    const before = this.#before.get(each) ?? nothingBefore;
    const { billed, paid } = this.#duplicates.of(each.call, each.book);
    return {
      billed: nearer(before.billed, billed),
      paid: nearer(before.paid, paid),
      owed: each.sums.map((sum, at) => (before.owed[at] ?? 0n) + (this.#paid.get(keyOf(sum)) ?? 0n)),
    };
  }

  /** Later calls of the batch see it from now on. */
  add({ call, book }: CallUnderTerms, worth: Pick<Settlement, 'revenue' | 'payout'>): void {
    this.#duplicates.add(call, worth);
    if (worth.payout === 0n) return;
    for (const [key, sum] of this.#sums.get(call.publisher) ?? [])
      if (countsIn({ ...call, currency: book.currency }, sum))
        this.#paid.set(key, (this.#paid.get(key) ?? 0n) + worth.payout);
  }
}

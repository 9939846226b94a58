/** What calls find settled before them in a replay: what the replay itself has come to, and what stood before it. */
import { capSums, keyOf } from '../settlement/cap-sums.ts';
import { Duplicates, type CallOfACaller } from '../settlement/duplicates.ts';
import type { Money } from '../settlement/money.ts';
import { nearer } from '../settlement/other-call.ts';
import type { Facts, Past, Settlement } from '../settlement/settle.ts';
import type { TermsBook } from '../settlement/terms.ts';

type Call = CallOfACaller & Pick<Facts, 'endedAt'>;
type Worth = Pick<Settlement, 'revenue' | 'payout'>;

export class SettledPast {
  readonly #book: TermsBook;
  readonly #duplicates = new Duplicates();
  readonly #paid: Map<string, Money>;
  /** Of whose calls some can be duplicates: of a million others nothing need be kept. */
  readonly #asking: { readonly buyers: ReadonlySet<string>; readonly campaigns: ReadonlySet<string> };

  /** `paid`: what the sums of payout caps come to before the first of the calls, by `keyOf`. */
  constructor(
    book: TermsBook,
    paid: ReadonlyMap<string, Money> = new Map(),
    calls: Iterable<CallOfACaller & Worth> = [],
  ) {
    this.#book = book;
    this.#paid = new Map(paid);
    this.#asking = {
      buyers: new Set(asking(book.buyers.values()).map(({ buyer }) => buyer)),
      campaigns: new Set(asking(book.campaigns.values()).map(({ campaign }) => campaign)),
    };
    for (const call of calls) this.#note(call, call);
  }

  /** `before`: what is known of this call from elsewhere. */
  of(call: Call, before?: Past): Past {
    const { billed, paid } = this.#duplicates.of(call, this.#book);
    return {
      billed: nearer(before?.billed ?? null, billed),
      paid: nearer(before?.paid ?? null, paid),
      owed: capSums(call, this.#book).map(
        (sum, at) => (before?.owed[at] ?? 0n) + (this.#paid.get(keyOf(sum)) ?? 0n),
      ),
    };
  }

  /** Later calls see it from now on. */
  add(call: Call, worth: Worth): void {
    this.#note(call, worth);
    if (worth.payout === 0n) return;
    const counting = capSums(call, this.#book).filter(
      ({ campaign }) => campaign === null || campaign === call.campaign,
    );
    // Two caps may ask for the same sum.
    for (const key of new Set(counting.map(keyOf)))
      this.#paid.set(key, (this.#paid.get(key) ?? 0n) + worth.payout);
  }

  #note(call: CallOfACaller, { revenue, payout }: Worth): void {
    const { buyers, campaigns } = this.#asking;
    this.#duplicates.add(call, {
      revenue: buyers.has(call.buyer ?? '') ? revenue : 0n,
      payout: campaigns.has(call.campaign) ? payout : 0n,
    });
  }
}

const asking = <Terms extends { readonly oncePerCaller: number | null }>(all: Iterable<Terms>): Terms[] =>
  [...all].filter(({ oncePerCaller }) => oncePerCaller !== null);

/**
 * The past of each call of a batch: what the database had before the batch, and what was settled in it since. So calls
 * that come together are settled as if they had come one by one.
 */
import type { Money } from '../../settlement/money.ts';
import type { Past, Settlement } from '../../settlement/settle.ts';
import {
  instantOf,
  keyOf,
  nothingBefore,
  windowOf,
  type CallUnderTerms,
  type CapSum,
  type Sought,
  type Window,
} from './past.ts';

export class BatchPast {
  readonly #before: ReadonlyMap<CallUnderTerms, Past>;
  readonly #sums = new Map<string, { readonly sum: CapSum; paid: Money }>();
  /** Instants of the calls that were billed, or paid for, in this batch; by the caller and who paid. */
  readonly #instants = { billed: new Map<string, number[]>(), paid: new Map<string, number[]>() };

  /** `before`: as `pastsOf` told of the same calls, in the same order. */
  constructor(calls: readonly CallUnderTerms[], before: readonly Past[]) {
    this.#before = new Map(calls.map((each, at) => [each, before[at] ?? nothingBefore]));
    for (const sum of calls.flatMap(({ sums }) => sums)) this.#sums.set(keyOf(sum), { sum, paid: 0n });
  }

  of(each: CallUnderTerms): Past {
    const before = this.#before.get(each) ?? nothingBefore;
    return {
      billed: before.billed || this.#wasPaid('billed', each),
      paid: before.paid || this.#wasPaid('paid', each),
      owed: each.sums.map((sum, at) => (before.owed[at] ?? 0n) + (this.#sums.get(keyOf(sum))?.paid ?? 0n)),
    };
  }

  /** Later calls of the batch see it from now on. */
  add(call: Sought, { revenue, payout }: Pick<Settlement, 'revenue' | 'payout'>): void {
    if (revenue > 0n && call.buyer !== null) this.#note('billed', call, call.buyer);
    if (payout > 0n) this.#note('paid', call, call.campaign);
    if (payout === 0n) return;
    for (const each of this.#sums.values()) if (countsIn(call, each.sum)) each.paid += payout;
  }

  #wasPaid(kind: 'billed' | 'paid', each: CallUnderTerms): boolean {
    return windowOf(kind, each, 0).some(({ caller, by, at, within }: Window) =>
      this.#instants[kind].get(nameOf(caller, by))?.some((other) => Math.abs(other - at) < within),
    );
  }

  #note(kind: 'billed' | 'paid', call: Sought, by: string): void {
    if (call.from === null) return;
    const name = nameOf(call.from, by);
    const instants = this.#instants[kind].get(name);
    if (instants) instants.push(instantOf(call));
    else this.#instants[kind].set(name, [instantOf(call)]);
  }
}

const nameOf = (caller: string, by: string): string => `${caller} ${by}`;

function countsIn(call: Sought, { publisher, campaign, period }: CapSum): boolean {
  return (
    call.publisher === publisher &&
    (campaign === null || campaign === call.campaign) &&
    call.endedAt >= period.from &&
    call.endedAt < period.to
  );
}

/** The calls of a time under another config's terms, from the records. Nobody is routed anew, and nothing is written. */
import { callsToSettle, type CallToSettle } from '../records/calls-to-settle.ts';
import { pastsOf, underTerms } from '../records/loader/past.ts';
import type { Records } from '../records/open-records.ts';
import { settle } from '../settlement/settle.ts';
import type { TermsBook } from '../settlement/terms.ts';
import { Differing, type Differences, type SettledAgain } from './differing.ts';
import { SettledPast } from './settled-past.ts';

export interface PayoutReplay extends Differences {
  /** Calls in another currency than the terms': left as they are. */
  readonly otherCurrency: number;
}

/**
 * Of the calls that ended in [from, to), in the order in which they were settled, each seeing what the terms come to for
 * those before it; what was settled before the first counts as it did. `onChange` is told of each that comes to another
 * amount.
 */
export async function replayPayouts(
  db: Records['db'],
  book: TermsBook,
  from: Date,
  to: Date,
  onChange: (one: SettledAgain) => void = () => undefined,
): Promise<PayoutReplay> {
  const past = new SettledPast(book);
  const differing = new Differing(onChange);
  let otherCurrency = 0;
  const isOurs = ({ currency }: CallToSettle) => currency === null || currency === book.currency;
  // All of the records are seen as they stood at one moment.
  const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  await snapshot.execute(async (trx) => {
    for await (const all of callsToSettle(trx, from, to)) {
      const calls = all.filter(isOurs);
      otherCurrency += all.length - calls.length;
      const before = await pastsOf(
        trx,
        calls.map(({ call }) => underTerms(call, book)),
        from,
      );
      for (const [at, recorded] of calls.entries()) {
        const now = settle(recorded.facts, book, past.of(recorded.call, before[at]));
        past.add(recorded.call, now);
        differing.add({ recorded, now });
      }
    }
  });
  return { ...differing.differences(), otherCurrency };
}

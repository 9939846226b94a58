/** The calls of a time under another config's terms, from the records. */
import { callsToSettle } from '../records/calls-to-settle.ts';
import { pastsOf, underTerms } from '../records/loader/past.ts';
import type { Records } from '../records/open-records.ts';
import type { Past } from '../settlement/settle.ts';
import type { TermsBook } from '../settlement/terms.ts';
import { differences, settleAgain, type Differences } from './settle-again.ts';

export interface PayoutReplay extends Differences {
  /** Calls in another currency than the terms': left as they are. */
  readonly otherCurrency: number;
}

/** As many as one look at the past takes. */
const together = 2000;

/** Of the calls that ended in [from, to). What was settled before counts as it did. */
export async function replayPayouts(
  db: Records['db'],
  book: TermsBook,
  from: Date,
  to: Date,
): Promise<PayoutReplay> {
  const all = await callsToSettle(db, from, to);
  const calls = all.filter(({ currency }) => currency === null || currency === book.currency);
  const under = calls.map(({ call }) => underTerms(call, book));
  const before: Past[] = [];
  for (let at = 0; at < under.length; at += together)
    before.push(...(await pastsOf(db, under.slice(at, at + together), from)));
  return {
    ...differences(settleAgain(calls, under, before)),
    otherCurrency: all.length - calls.length,
  };
}

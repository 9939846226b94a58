/**
 * What a call is worth, to whom, and why. Pure: the same facts under the same terms come to the same amounts, whenever
 * and in whatever order calls are settled.
 */
import { evaluateAll } from '../conditions/evaluate.ts';
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import { formatMoney, share, type Money } from './money.ts';
import { whyAShareIsNothing, whyItPays, whyNoRulePays } from './reason.ts';
import type { PayRule, TermsBook } from './terms.ts';

/** What the record says of a call, as far as money depends on it. */
export interface Facts {
  readonly attributes: Attributes;
  /** Milliseconds for which caller and buyer were through to each other; null where they never were. */
  readonly connectedMs: number | null;
  /** Milliseconds since our own answer; 0 where we gave none. */
  readonly inboundMs: number;
  /** Whom the caller was connected to. */
  readonly buyer: string | null;
  /** What that buyer bid for this call: it takes the place of the amount of the revenue rule that holds. */
  readonly bid: Money | null;
  readonly campaign: string;
  readonly publisher: string;
  /** When the call ended, milliseconds since the epoch: which period of a payout cap it falls in. */
  readonly endedAt: number;
  /** What the buyer reported after the call, by name; null where it named no amount. */
  readonly reported: ReadonlyMap<string, Money | null>;
}

/** What was settled before this call, as far as it matters to it. */
export interface Past {
  /** Another call of this caller, within the window, was billed to this buyer. */
  readonly billed: boolean;
  /** Another call of this caller, within the window, was paid for in this campaign. */
  readonly paid: boolean;
  /** For each payout cap of the publisher, in their order: what other calls of the same period were paid. */
  readonly owed: readonly Money[];
}

/** Amounts are whole minor units; revenue = payout + margin. Rules are counted from 0; null: none held. */
export interface Settlement {
  readonly revenue: Money;
  readonly payout: Money;
  /** Negative where the network pays more than it earns. */
  readonly margin: Money;
  /** A revenue rule held, be the call a duplicate or not. */
  readonly converted: boolean;
  readonly revenueRule: number | null;
  readonly revenueReason: string;
  readonly payoutRule: number | null;
  readonly payoutReason: string;
}

export function settle(facts: Facts, book: TermsBook, duplicates: Duplicates): Settlement {
  const known = attributesWithTimes(facts);
  const revenue = revenueOf(facts, known, book, duplicates.billable);
  const payout = payoutOf(facts, known, book, duplicates.payable, revenue);
  return {
    revenue: revenue.amount,
    payout: payout.amount,
    margin: revenue.amount - payout.amount,
    converted: revenue.rule !== null,
    revenueRule: revenue.rule,
    revenueReason: revenue.reason,
    payoutRule: payout.rule,
    payoutReason: payout.reason,
  };
}

/** The windows that a call's duplicates are looked for in; null: every call counts. */
export function duplicateWindows(
  facts: Pick<Facts, 'buyer' | 'campaign' | 'publisher'>,
  book: TermsBook,
): { readonly billable: number | null; readonly payable: number | null } {
  const buyer = facts.buyer === null ? undefined : book.buyers.get(facts.buyer);
  return {
    billable: buyer?.oncePerCaller ?? null,
    payable: payoutTerms(facts, book)?.oncePerCaller ?? null,
  };
}

interface Verdict {
  readonly amount: Money;
  readonly rule: number | null;
  readonly reason: string;
}

function revenueOf(facts: Facts, known: Attributes, book: TermsBook, duplicate: boolean): Verdict {
  if (facts.buyer === null) return unpaid('no buyer was connected');
  const terms = book.buyers.get(facts.buyer);
  if (terms === undefined) return unpaid(`the terms name no buyer ${facts.buyer}`);
  const verdict = orTheBid(firstThatHolds(terms.revenue, known, book, 0n), facts.bid, book);
  if (verdict.rule === null || !duplicate) return verdict;
  return { ...verdict, amount: 0n, reason: `duplicate: ${facts.buyer} was billed for this caller before` };
}

function payoutOf(
  facts: Facts,
  known: Attributes,
  book: TermsBook,
  duplicate: boolean,
  revenue: Verdict,
): Verdict {
  const terms = payoutTerms(facts, book);
  if (terms === undefined) return unpaid(`the terms name no campaign ${facts.campaign}`);
  const verdict = firstThatHolds(terms.payout, known, book, revenue.amount);
  if (verdict.rule === null) return verdict;
  if (duplicate) {
    return { ...verdict, amount: 0n, reason: `duplicate: ${facts.campaign} paid for this caller before` };
  }
  const isShare = terms.payout[verdict.rule]?.pays.kind === 'share';
  if (!isShare || revenue.amount !== 0n) return verdict;
  return { ...verdict, reason: whyAShareIsNothing(verdict.rule, terms.payout.length, revenue.reason) };
}

function payoutTerms(
  facts: Pick<Facts, 'campaign' | 'publisher'>,
  book: TermsBook,
): ReturnType<TermsBook['campaigns']['get']> {
  return book.campaigns.get(`${facts.campaign}/${facts.publisher}`) ?? book.campaigns.get(facts.campaign);
}

function firstThatHolds(
  rules: readonly PayRule[],
  known: Attributes,
  book: TermsBook,
  revenue: Money,
): Verdict {
  const index = rules.findIndex((rule) => evaluateAll(rule.when, known) === true);
  const rule = rules[index];
  if (rule === undefined) return unpaid(whyNoRulePays(rules, known));
  const amount = amountOf(rule, revenue, book.minorDigits);
  return { amount, rule: index, reason: whyItPays(rule, index, rules.length, known) };
}

/** A bid buys the call only where a rule of the buyer's says that there is something to pay for. */
function orTheBid(verdict: Verdict, bid: Money | null, { minorDigits }: TermsBook): Verdict {
  if (bid === null || verdict.rule === null) return verdict;
  return {
    ...verdict,
    amount: share(bid, 1_000_000, minorDigits),
    reason: `bid ${formatMoney(bid, minorDigits)}, ${verdict.reason}`,
  };
}

function amountOf({ pays }: PayRule, revenue: Money, minorDigits: number): Money {
  switch (pays.kind) {
    case 'flat':
      return share(pays.amount, 1_000_000, minorDigits);
    case 'share':
      return share(revenue, pays.ppm, minorDigits);
  }
}

function unpaid(reason: string): Verdict {
  return { amount: 0n, rule: null, reason };
}

/** The clocks stand beside the attributes; a call that was never through has no `connected` at all. */
function attributesWithTimes({ attributes, connectedMs, inboundMs }: Facts): Attributes {
  const { connected: _connected, inbound: _inbound, ...rest } = attributes;
  const known: Record<string, AttributeValue> = { ...rest, inbound: inboundMs };
  if (connectedMs !== null) known['connected'] = connectedMs;
  return known;
}

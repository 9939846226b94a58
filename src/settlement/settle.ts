/**
 * What a call is worth, to whom, and why. Pure: the same facts under the same terms and after the same past come to the
 * same amounts, whenever they are asked for. docs/money.md says the same in words.
 */
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import { evaluateAll } from '../conditions/evaluate.ts';
import { amountOf, asksFor, hasAmount, type Measured } from './amount-of.ts';
import { formatMoney, share, type Money } from './money.ts';
import { inWords, type OtherCall } from './other-call.ts';
import { cutBy, whyItWasCut } from './payout-caps.ts';
import { whyAShareIsNothing, whyItPays, whyNoRulePays } from './reason.ts';
import { reportedAttribute, reportedName, type Reported } from './reported.ts';
import type { PayoutTerms, PayRule, TermsBook } from './terms.ts';

/** What the record says of a call, as far as money depends on it. */
export interface Facts {
  readonly attributes: Attributes;
  /** Milliseconds for which caller and buyer were through to each other; null where they never were. */
  readonly connectedMs: number | null;
  /** Milliseconds since our own answer; 0 where we gave none. */
  readonly inboundMs: number;
  /** False where our answer was never acknowledged: nobody knows whether anyone was there to hear it. */
  readonly isAcknowledged: boolean;
  /** Whom the caller was connected to. */
  readonly buyer: string | null;
  /** What that buyer bid for this call: it takes the place of the amount of the revenue rule that holds. */
  readonly bid: Money | null;
  readonly campaign: string;
  readonly publisher: string;
  /** When the call ended, milliseconds since the epoch: which period of a payout cap it falls in. */
  readonly endedAt: number;
  /** What the buyer reported after the call, by name; null where it named no amount. */
  readonly reported: Reported;
}

/** What was settled before this call, as far as it matters to it. */
export interface Past {
  /** The call of this caller, within the window, that was billed to this buyer. */
  readonly billed: OtherCall | null;
  /** The call of this caller, within the window, that was paid for in this campaign. */
  readonly paid: OtherCall | null;
  /** For each payout cap of the publisher, in their order: what other calls of the same period were paid in this currency. */
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

export function settle(facts: Facts, book: TermsBook, past: Past): Settlement {
  const known = attributesAfterwards(facts);
  const revenue = revenueOf(facts, known, book, past);
  const payout = payoutOf(facts, known, book, past, revenue);
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

/** The publisher's own in this campaign, else the campaign's. */
export function payoutTerms(
  { campaign, publisher }: Pick<Facts, 'campaign' | 'publisher'>,
  book: TermsBook,
): PayoutTerms | undefined {
  return book.campaigns.get(`${campaign}/${publisher}`) ?? book.campaigns.get(campaign);
}

const noAck = "the caller's side never acknowledged the answer";

interface Verdict {
  readonly amount: Money;
  readonly rule: number | null;
  readonly reason: string;
}

function revenueOf(facts: Facts, known: Attributes, book: TermsBook, past: Past): Verdict {
  if (!facts.isAcknowledged) return unpaid(noAck);
  if (facts.buyer === null) return unpaid('no buyer was connected');
  const terms = book.buyers.get(facts.buyer);
  if (terms === undefined) return unpaid(`the terms name no buyer ${facts.buyer}`);
  const verdict = orTheBid(
    firstThatHolds(terms.revenue, known, { ...facts, revenue: 0n }, book),
    facts,
    book,
  );
  if (verdict.rule === null || past.billed === null) return verdict;
  const reason = `duplicate: ${facts.buyer} was billed for this caller's ${inWords(past.billed)}`;
  return { ...verdict, amount: 0n, reason };
}

function payoutOf(facts: Facts, known: Attributes, book: TermsBook, past: Past, revenue: Verdict): Verdict {
  if (!facts.isAcknowledged) return unpaid(noAck);
  const terms = payoutTerms(facts, book);
  if (terms === undefined) return unpaid(`the terms name no campaign ${facts.campaign}`);
  const verdict = firstThatHolds(terms.payout, known, { ...facts, revenue: revenue.amount }, book);
  if (verdict.rule === null) return verdict;
  if (past.paid !== null) {
    const reason = `duplicate: ${facts.campaign} paid for this caller's ${inWords(past.paid)}`;
    return { ...verdict, amount: 0n, reason };
  }
  const isShare = terms.payout[verdict.rule]?.pays.kind === 'share';
  if (isShare && revenue.amount === 0n) {
    return { ...verdict, reason: whyAShareIsNothing(verdict.rule, terms.payout.length) };
  }
  return withinTheCaps(verdict, facts, book, past);
}

function firstThatHolds(
  rules: readonly PayRule[],
  known: Attributes,
  measured: Measured,
  { minorDigits }: TermsBook,
): Verdict {
  const index = rules.findIndex(
    ({ pays, when }) =>
      evaluateAll(when, known) === true &&
      evaluateAll(asksFor(pays), known) === true &&
      hasAmount(pays, measured.reported),
  );
  const rule = rules[index];
  if (rule === undefined) return unpaid(whyNoRulePays(rules, known));
  const amount = amountOf(rule.pays, measured, minorDigits);
  return { amount, rule: index, reason: whyItPays(rule, index, rules.length, measured, minorDigits) };
}

/** A bid buys the call only where a rule of the buyer's says that there is something to pay for. */
function orTheBid(verdict: Verdict, { bid }: Facts, { minorDigits }: TermsBook): Verdict {
  if (bid === null || verdict.rule === null) return verdict;
  return {
    ...verdict,
    amount: share(bid, 1_000_000, minorDigits),
    reason: `bid ${formatMoney(bid, minorDigits)}, ${verdict.reason}`,
  };
}

function withinTheCaps(verdict: Verdict, facts: Facts, book: TermsBook, { owed }: Past): Verdict {
  const caps = book.publishers.get(facts.publisher)?.caps ?? [];
  const cut = cutBy(caps, owed, { campaign: facts.campaign, payout: verdict.amount });
  if (cut === null) return verdict;
  const reason = `${whyItWasCut(cut, verdict.amount, book.minorDigits)}, ${verdict.reason}`;
  return { ...verdict, amount: cut.left, reason };
}

function unpaid(reason: string): Verdict {
  return { amount: 0n, rule: null, reason };
}

/**
 * The clocks and reports stand beside the attributes, and no attribute can pass for one of them; a call that was never
 * through has no `connected` at all.
 */
function attributesAfterwards({ attributes, connectedMs, inboundMs, reported }: Facts): Attributes {
  const { connected: _connected, inbound: _inbound, ...rest } = attributes;
  const known: Record<string, AttributeValue> = { ...rest, inbound: inboundMs };
  for (const name of Object.keys(rest)) if (reportedName(name) !== null) Reflect.deleteProperty(known, name);
  for (const name of reported.keys()) known[reportedAttribute(name)] = 'yes';
  if (connectedMs !== null) known['connected'] = connectedMs;
  return known;
}

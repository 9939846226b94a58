/**
 * Live bidding: all bidders of a campaign are asked at once what this call is worth to them. A bidder that is late,
 * broken or hostile loses its turn and nothing else; the call waits no longer than the longest of their timeouts.
 */
import type { Bidder } from '../routing/network.ts';
import { readAnswer } from './answer.ts';
import { Breaker, type BreakerChange } from './breaker.ts';
import { openExchange, type Reply } from './exchange.ts';
import { isGood, noBid, type BidOutcome } from './outcome.ts';
import { questions, type CallForBids, type HashKey } from './question.ts';

interface BiddingOptions {
  /** For HMAC-SHA256 of callers' numbers: the same caller has the same hash for as long as the key lives. */
  readonly key: HashKey;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For logs and metrics: called once for each bidder asked, when all of a call's outcomes are known. */
  readonly onOutcome: (report: BidReport) => void;
}

export interface BidReport {
  readonly call: string;
  readonly campaign: string;
  readonly buyer: string;
  readonly outcome: BidOutcome;
  /** Milliseconds until it was known; 0 where the bidder was not asked. */
  readonly took: number;
  /** Whether it opened or closed the bidder's breaker. */
  readonly breaker: BreakerChange | null;
}

interface BuyerToAsk {
  readonly id: string;
  readonly bid: Bidder;
}

export interface Bidding {
  /** The outcome for each bidder, by its id, in at most the longest of their timeouts. Never rejects. */
  ask(call: CallForBids, bidders: readonly BuyerToAsk[]): Promise<ReadonlyMap<string, BidOutcome>>;
  /** What is under way ends as `failed`, and so does what is asked later; every connection is closed. */
  close(): void;
}

export function createBidding({ key, now, onOutcome }: BiddingOptions): Bidding {
  const exchange = openExchange();
  const breakerOf = breakers();

  async function askOne(buyer: BuyerToAsk, textFor: (share: Bidder['share']) => string): Promise<Heard> {
    const { bid: bidder } = buyer;
    const breaker = breakerOf(buyer);
    const askedAt = now();
    const permit = breaker.permit(askedAt);
    if (permit === null) return { outcome: noBid('breaker_open'), took: 0, breaker: null };
    const reply = await exchange.post(bidder.url, textFor(bidder.share), bidder.timeout);
    const heardAt = now();
    const outcome = outcomeOf(reply, bidder, heardAt);
    return {
      outcome,
      took: Math.max(0, heardAt - askedAt),
      breaker: breaker.heard(permit, isFailure(outcome) ? 'failure' : 'answer', heardAt),
    };
  }

  return {
    async ask(call, bidders) {
      const textFor = questions(call, key);
      const heard = await Promise.all(
        bidders.map(async (buyer) => ({ buyer: buyer.id, ...(await askOne(buyer, textFor)) })),
      );
      const outcomes = new Map<string, BidOutcome>();
      const at = now();
      for (const { buyer, outcome: first, took, breaker } of heard) {
        const outcome = first.kind === 'bid' && !isGood(first, at) ? noBid('expired') : first;
        outcomes.set(buyer, outcome);
        onOutcome({ call: call.call, campaign: call.campaign, buyer, outcome, took, breaker });
      }
      return outcomes;
    },
    close: () => exchange.close(),
  };
}

type Heard = Pick<BidReport, 'outcome' | 'took' | 'breaker'>;

/** A bidder that moved to another address starts anew. */
function breakers(): (buyer: BuyerToAsk) => Breaker {
  const known = new Map<string, { readonly url: string; readonly breaker: Breaker }>();
  return ({ id, bid: { url } }) => {
    const before = known.get(id);
    if (before?.url === url) return before.breaker;
    const breaker = new Breaker();
    known.set(id, { url, breaker });
    return breaker;
  };
}

function outcomeOf(reply: Reply, { min }: Bidder, now: number): BidOutcome {
  if (reply.kind === 'none') return reply;
  const answer = readAnswer(reply.body);
  if (!answer.ok) return noBid('malformed', answer.problem);
  const { price, expiresIn } = answer;
  if (price === 0) return noBid('refused', 'a price of 0');
  if (price < min) return noBid('below_min', `${price} of ${min} micro-units`);
  return { kind: 'bid', price, expiresAt: now + expiresIn * 1000 };
}

/** A bidder that does not want a call, or bids too little, works. */
function isFailure(outcome: BidOutcome): boolean {
  if (outcome.kind === 'bid') return false;
  switch (outcome.reason) {
    case 'timeout':
    case 'malformed':
    case 'too_large':
    case 'failed':
      return true;
    case 'refused':
    case 'below_min':
    case 'expired':
    case 'breaker_open':
      return false;
  }
}

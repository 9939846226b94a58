/**
 * How a buyer takes a call in a replay. Where the call did try this buyer, as it did then; else as the same buyer took
 * another call of that time, drawn by the call's id: its answers, ringing and talk times keep their spread, which a mean
 * would lose just where thresholds pay.
 */
import type { AttemptToReplay, CallToReplay } from '../records/calls-to-replay.ts';
import { seedOf } from './seeded-dice.ts';

/** Milliseconds. */
export interface Conduct {
  /** Until the answer, or until it was given up. */
  readonly rings: number;
  /** Null: it did not answer. */
  readonly talks: number | null;
  /** The final SIP status of who did not answer. */
  readonly status: number | null;
  readonly from: 'record' | 'drawn';
}

export interface Conducts {
  of(call: CallToReplay, campaign: string, buyer: string): Conduct;
  /** Micro-units: what it bid for this call, else the mean of its bids; null where it never bid. */
  bid(call: CallToReplay, buyer: string): number | null;
}

const nobody: Conduct = { rings: 0, talks: null, status: null, from: 'drawn' };

/** Of all the calls of that time, learnt before the first is decided. A call leaves no more here than its attempts. */
export class LearntConducts implements Conducts {
  readonly #pools = new Map<string, Conduct[]>();
  readonly #bids = new Map<string, { sum: bigint; count: bigint }>();

  learn(call: CallToReplay): void {
    for (const attempt of call.attempts) {
      if (attempt.bid !== null) {
        const { sum, count } = this.#bids.get(attempt.buyer) ?? { sum: 0n, count: 0n };
        this.#bids.set(attempt.buyer, { sum: sum + attempt.bid, count: count + 1n });
      }
      const conduct = recorded(call, attempt);
      if (conduct === null || attempt.result === 'cancelled') continue;
      const drawn = { ...conduct, from: 'drawn' as const };
      for (const pool of poolsFor(call.campaign, attempt.buyer)) {
        const held = this.#pools.get(pool);
        if (held) held.push(drawn);
        else this.#pools.set(pool, [drawn]);
      }
    }
  }

  of(call: CallToReplay, campaign: string, buyer: string): Conduct {
    const tried = call.attempts.findLast((attempt) => attempt.buyer === buyer);
    const own = tried ? recorded(call, tried) : null;
    if (own !== null) return own;
    const pool = poolsFor(campaign, buyer)
      .map((name) => this.#pools.get(name))
      .find((held) => held !== undefined);
    return pool?.[seedOf(`${call.id} ${buyer}`) % pool.length] ?? nobody;
  }

  bid(call: CallToReplay, buyer: string): number | null {
    const own = call.attempts.find((attempt) => attempt.buyer === buyer)?.bid ?? null;
    if (own !== null) return Number(own);
    const all = this.#bids.get(buyer);
    return all ? Number(all.sum / all.count) : null;
  }
}

export function conductsIn(calls: readonly CallToReplay[]): Conducts {
  const learnt = new LearntConducts();
  for (const call of calls) learnt.learn(call);
  return learnt;
}

/** The buyer in this campaign, the buyer anywhere, the campaign, anybody: the first of which something is known. */
const poolsFor = (campaign: string, buyer: string): readonly string[] => [
  `${campaign}|${buyer}`,
  `|${buyer}`,
  `${campaign}|`,
  '|',
];

/** Null where the record does not tell: the buyer was cancelled because another answered. */
function recorded(call: CallToReplay, attempt: AttemptToReplay): Conduct | null {
  const { startedAt, answeredAt, endedAt, result, status } = attempt;
  switch (result) {
    case 'answered':
    case 'early_hangup': {
      const since = result === 'answered' ? (call.connectedAt ?? answeredAt) : answeredAt;
      const until = result === 'answered' ? call.endedAt : endedAt;
      if (since === null) return null;
      return { rings: since - startedAt, talks: Math.max(0, until - since), status: null, from: 'record' };
    }
    case 'cancelled':
      return call.connectedAt === null && answeredAt === null
        ? { rings: endedAt - startedAt, talks: null, status: null, from: 'record' }
        : null;
    case 'busy':
    case 'no_answer':
    case 'no_response':
    case 'refused':
    case 'unreachable':
    case 'no_common_codec':
      return { rings: endedAt - startedAt, talks: null, status, from: 'record' };
  }
}

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

export function conductsIn(calls: readonly CallToReplay[]): Conducts {
  const pools = new Map<string, Conduct[]>();
  const bids = new Map<string, { sum: bigint; count: bigint }>();
  for (const call of calls) {
    for (const attempt of call.attempts) {
      if (attempt.bid !== null) {
        const { sum, count } = bids.get(attempt.buyer) ?? { sum: 0n, count: 0n };
        bids.set(attempt.buyer, { sum: sum + attempt.bid, count: count + 1n });
      }
      const conduct = recorded(call, attempt);
      if (conduct === null || attempt.result === 'cancelled') continue;
      const drawn = { ...conduct, from: 'drawn' as const };
      for (const pool of poolsFor(call.campaign, attempt.buyer)) {
        const held = pools.get(pool);
        if (held) held.push(drawn);
        else pools.set(pool, [drawn]);
      }
    }
  }

  return {
    of(call, campaign, buyer) {
      const tried = call.attempts.findLast((attempt) => attempt.buyer === buyer);
      const own = tried ? recorded(call, tried) : null;
      if (own !== null) return own;
      const pool = poolsFor(campaign, buyer)
        .map((name) => pools.get(name))
        .find((held) => held !== undefined);
      return pool?.[seedOf(`${call.id} ${buyer}`) % pool.length] ?? nobody;
    },
    bid(call, buyer) {
      const own = call.attempts.find((attempt) => attempt.buyer === buyer)?.bid ?? null;
      if (own !== null) return Number(own);
      const all = bids.get(buyer);
      return all ? Number(all.sum / all.count) : null;
    },
  };
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

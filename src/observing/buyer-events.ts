/** Of buyers: their trunks and their bids. */
import type { Registry } from 'prom-client';
import type { BidReport } from '../bids/bidding.ts';
import type { BreakerChange } from '../calls/trunks/breaker.ts';
import type { TrunksStanding } from '../calls/trunks/trunks.ts';
import type { Log } from '../log.ts';
import { metricsIn } from './metrics.ts';

export interface BuyerEvents {
  trunkChanged(trunk: string, up: boolean): void;
  /** These are looked after from now on, and no others. */
  trunksStand(standing: TrunksStanding): void;
  /** A call by it came to nothing, as its breaker counts. */
  trunkFailed(trunk: string): void;
  /** It answered 503 with Retry-After. */
  trunkRests(trunk: string, seconds: number): void;
  /** It failed again and again and is left alone for a while, or works again. */
  trunkBreaker(trunk: string, change: BreakerChange): void;
  bidHeard(report: BidReport): void;
}

export function buyerEvents(log: Log, registry: Registry): BuyerEvents {
  const { counter, gauge, histogram } = metricsIn(registry);
  const trunkUp = gauge('trunk_up', '1 where the last probes of a trunk were answered', ['trunk']);
  const failures = counter(
    'trunk_failures_total',
    'INVITEs to which no answer of a trunk was heard, or 408 or a 5xx that is its own',
    ['trunk'],
  );
  const rests = counter('trunk_rests_total', '503s with Retry-After from a trunk', ['trunk']);
  const breakerOpen = gauge(
    'trunk_breaker_open',
    '1 while a trunk that failed again and again is left alone, until a call by it succeeds',
    ['trunk'],
  );
  const bids = counter('bids_total', 'Bidders asked, by what came of it', ['buyer', 'result']);
  const bidTime = histogram(
    'bid_seconds',
    'How long a bidder took to answer',
    ['buyer'],
    [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
  );

  return {
    trunkChanged(trunk, up) {
      trunkUp.set({ trunk }, up ? 1 : 0);
      log(up ? 'info' : 'warn', up ? 'trunk_up' : 'trunk_down', { trunk });
    },
    trunksStand({ probed, open }) {
      trunkUp.reset();
      for (const [trunk, up] of probed) trunkUp.set({ trunk }, up ? 1 : 0);
      breakerOpen.reset();
      for (const [trunk, isOpen] of open) breakerOpen.set({ trunk }, isOpen ? 1 : 0);
    },
    trunkFailed(trunk) {
      failures.inc({ trunk });
    },
    trunkRests(trunk, seconds) {
      rests.inc({ trunk });
      log('warn', 'trunk_rests', { trunk, seconds });
    },
    trunkBreaker(trunk, change) {
      breakerOpen.set({ trunk }, change.kind === 'opened' ? 1 : 0);
      if (change.kind === 'closed') log('info', 'trunk_breaker_closed', { trunk });
      else {
        const { why, until } = change;
        log('warn', 'trunk_breaker_opened', { trunk, why, until: new Date(until).toISOString() });
      }
    },
    bidHeard({ call, buyer, outcome, took, breaker }) {
      const result = outcome.kind === 'bid' ? 'bid' : outcome.reason;
      bids.inc({ buyer, result });
      bidTime.observe({ buyer }, took / 1000);
      log('info', 'bid_heard', { call, buyer, result, took_ms: took, ...outcome });
      if (breaker !== null) log('warn', `bidder_breaker_${breaker}`, { buyer });
    },
  };
}

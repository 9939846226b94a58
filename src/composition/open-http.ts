/** The HTTP side of a switch that is up: what each route asks of the rooms behind it. */
import type { Registry as Metrics } from 'prom-client';
import type { Floor } from '../calls/floor.ts';
import { snapshotOf } from '../calls/shown/snapshot.ts';
import { standingOf } from '../calls/shown/standing.ts';
import type { Config } from '../config/config.ts';
import type { CurrentConfig } from './current-config.ts';
import type { Events } from '../events.ts';
import { listen, type HttpOptions, type Listening } from '../http/server.ts';
import { databaseClock } from '../publishers/clock.ts';
import { lend } from '../publishers/lend.ts';
import { publishers } from '../publishers/publishers.ts';
import { apiRecords, longAtOnce } from '../records/api/api-records.ts';
import { atMost } from '../records/api/at-most.ts';
import { minorDigitsOf } from '../records/currencies.ts';
import { afterTheCall } from '../records/ledger/after-the-call.ts';
import { KnownTerms } from '../records/loader/known-terms.ts';
import type { Records } from '../records/open-records.ts';
import { tellOfCorrections } from '../records/outbox/tell-of-corrections.ts';
import { today } from '../records/reports/today.ts';
import { formatMoney } from '../settlement/money.ts';
import { subscriptionOf } from '../webhooks/subscription-of.ts';

interface Behind extends Pick<HttpOptions, 'reload' | 'notReady' | 'unsound' | 'trace'> {
  readonly config: Pick<Config, 'http'>;
  readonly current: CurrentConfig;
  readonly db: Records['db'];
  readonly floor: Floor;
  /** Looks for what was corrected, by whomever. */
  readonly lookForCorrections: () => unknown;
  readonly events: Events;
  readonly metrics: Metrics;
}

export function openHttp(behind: Behind): Promise<Listening> {
  const { current, db, floor, events, metrics, reload, notReady, unsound, trace } = behind;
  const { host, port, token, rate } = behind.config.http;
  const inLine = atMost(longAtOnce);
  return listen({
    ...{ host, port, metrics, rate, reload, notReady, unsound, trace },
    tokens: () => ({ network: token, buyers: current.config.tokens }),
    network: () => current.config,
    records: apiRecords(db, inLine),
    publishers: publishers({
      ...{ db, given: () => current.config, now: () => new Date(), clock: databaseClock },
    }),
    afterTheCall: corrections(behind),
    onDefect: (error) => events.requestFailed(error),
    lend: (asked) => lend(db, asked, () => new Date()),
    liveCalls: () => floor.registry.live(),
    world: (call) => snapshotOf(floor, call),
    buyers: () => standingOf(floor, minorDigitsOf(current.config.currency)),
    today: () => inLine(() => today(db, current.config.timezone, new Date())),
  });
}

const corrections = ({ current, db, lookForCorrections, events }: Behind) =>
  afterTheCall({
    db,
    terms: new KnownTerms(),
    now: () => new Date(),
    inSameTransaction: tellOfCorrections(() => current.config.webhooks.map(subscriptionOf)),
    onCorrected: (corrected) => {
      const { call, kind, reference, revenue, payout, minorDigits, by } = corrected;
      const money = (amount: bigint) => formatMoney(amount, minorDigits);
      events.corrected({ call, kind, reference, revenue: money(revenue), payout: money(payout), by });
      lookForCorrections();
    },
  });

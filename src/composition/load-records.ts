/** From the journal to the records: what is loaded is settled, counted, and told to web servers; what is too old goes. */
import type { Logger } from 'pino';
import type { Webhook } from '../config/config.ts';
import type { Counters } from './counters.ts';
import type { CurrentConfig } from './current-config.ts';
import { within } from '../deadline.ts';
import type { Events } from '../events.ts';
import type { Journal } from '../records/journal/journal.ts';
import { startLoaderThread, type ThreadLoader } from '../records/loader/loader-thread.ts';
import type { Records } from '../records/open-records.ts';
import { outboxOf } from '../records/outbox/outbox.ts';
import { startRetention } from '../records/retention.ts';
import type { Releases } from './releases.ts';
import { formatMoney } from '../settlement/money.ts';
import { startDispatcher, type Dispatcher } from '../webhooks/dispatcher.ts';
import { subscriptionOf } from '../webhooks/subscription-of.ts';

interface Loading {
  readonly loader: ThreadLoader;
  readonly webhooks: Dispatcher;
  /** Who is told of calls from now on. */
  readonly tell: (webhooks: readonly Webhook[]) => void;
}

/** How long a stop waits for the last records to reach the database; the next start loads the rest. */
const lastLoadWithin = 5_000;

export function startLoading(given: {
  readonly records: Records;
  readonly journal: Journal;
  readonly current: CurrentConfig;
  readonly counters: Counters;
  readonly events: Events;
  readonly logger: Logger;
  readonly releases: Releases;
}): Loading {
  const { records, journal, current, counters, events, logger, releases } = given;
  const webhooks = startDispatcher({
    outbox: outboxOf(records.db),
    onOutcome: (outcome) => events.webhookTried(outcome),
    onUnreachable: (error) => events.webhooksWait(error),
  });
  // It stops after the loader, with what that one wrote last.
  releases.push(() => webhooks.stop());
  webhooks.use(current.config.webhooks);
  const loader = startLoaderThread({
    subscriptions: current.config.webhooks.map(subscriptionOf),
    journal,
    url: records.url,
    log: logger,
    onSettled: (call) => {
      const { buyer, revenue, payout } = call;
      events.settled({
        call: call.call,
        buyer,
        revenue: formatMoney(revenue),
        payout: formatMoney(payout),
      });
      if (buyer !== null) counters.settled({ ...call, buyer, revenue: Number(revenue), at: call.endedAt });
    },
    onRejected: (call) => counters.settlements.forgo(call),
  });
  releases.push(() => loader.stop());
  releases.push(() => within(lastLoadWithin, loader.caughtUp(), undefined));
  releases.push(
    startRetention({
      ...{ db: records.db, log: logger, now: () => Date.now() },
      keep: () => current.config.records.keep,
    }),
  );
  const tell: Loading['tell'] = (next) => {
    webhooks.use(next);
    loader.subscribe(next.map(subscriptionOf));
  };
  return { loader, webhooks, tell };
}

/**
 * The composition root: config → database → records → engines → calls → HTTP → ready. Each step that acquires pushes
 * its release; a stop runs them in reverse, and so does a start that fails half-way.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry as Metrics } from 'prom-client';
import { backlogLoaded } from './backlog.ts';
import { createBidding } from './bids/bidding.ts';
import { callerKey } from './caller-key.ts';
import { Carriers } from './calls/carriers.ts';
import type { Floor } from './calls/floor.ts';
import { Registry } from './calls/registry.ts';
import { Books } from './calls/scope.ts';
import { snapshotOf } from './calls/snapshot.ts';
import { standingOf } from './calls/standing.ts';
import { takeCall } from './calls/take-call.ts';
import { Trunks } from './calls/trunks.ts';
import type { Config } from './config/config.ts';
import { Counters } from './counters.ts';
import { CurrentConfig } from './current-config.ts';
import { within } from './deadline.ts';
import { startEngines } from './engines.ts';
import { createEvents } from './events.ts';
import { exposeGauges } from './gauges.ts';
import { listen } from './http/server.ts';
import type { Log } from './log.ts';
import { makeFolder } from './make-folder.ts';
import { openDatabase } from './open-database.ts';
import { minorDigitsOf } from './records/currencies.ts';
import { publishers } from './publishers/publishers.ts';
import { apiRecords } from './records/api/api-records.ts';
import { openJournal } from './records/journal/journal.ts';
import { afterTheCall } from './records/ledger/after-the-call.ts';
import { KnownTerms } from './records/loader/known-terms.ts';
import { startLoaderThread } from './records/loader/loader-thread.ts';
import { closeLostCalls } from './records/lost-calls.ts';
import { outboxOf } from './records/outbox/outbox.ts';
import { tellOfCorrections } from './records/outbox/tell-of-corrections.ts';
import { today } from './records/reports/today.ts';
import { startRetention } from './records/retention.ts';
import { Tables } from './records/tables.ts';
import { watchAndReload, type Reload } from './reload/reload.ts';
import { lookBackOf } from './routing/look-back.ts';
import { compile } from './routing/table.ts';
import { formatMoney } from './settlement/money.ts';
import { inParts } from './settlement/terms-parts.ts';
import { lend } from './publishers/lend.ts';
import { startHoldingsFeed } from './publishers/holdings-feed.ts';
import { watchStock } from './publishers/pool-stock.ts';
import { saySignsOfLife } from './signs-of-life.ts';
import { takeOver } from './take-over.ts';
import { lookForClashes } from './watch-clashes.ts';
import { messageOf } from './message-of.ts';
import { startDispatcher } from './webhooks/dispatcher.ts';
import { subscriptionOf } from './webhooks/subscription-of.ts';

export interface Switch {
  /** `udp:127.0.0.1:5060`, … */
  readonly listening: readonly string[];
  readonly http: string;
  /** The hash of the table that it started with. */
  readonly table: string;
  /** Resolves when the switch cannot go on: a thread of the embedded engine died. */
  readonly died: Promise<Error>;
  /** Looks at the config again; it does so by itself when a file of it changes. */
  readonly reload: Reload['reload'];
  /** Takes no more calls, waits for those that live as long as `limits.drain` says, then ends them. */
  drain(): Promise<void>;
  /** Ends every call now, and waits for the far ends as long as they may take. */
  hangUp(): Promise<void>;
  stop(): Promise<void>;
}

export type Started =
  { readonly ok: true; readonly running: Switch } | { readonly ok: false; readonly problem: string };

export interface StartOptions {
  /** What `--data` said: it stands above the file, at each reload too. */
  readonly data?: string | undefined;
}

/** How long a start waits to learn who holds which number; until then it routes by what it knew when it last ran. */
const holdingsWithin = 5_000;
const hourMs = 3_600_000;
/** How long a stop waits for the last records to reach the database; the next start loads the rest. */
const lastLoadWithin = 5_000;
/** How long a stop waits for far ends that do not answer their BYE. */
const lastReleaseWithin = 6_000;

export async function startSwitch(
  config: Config,
  logger: Logger,
  options: StartOptions = {},
): Promise<Started> {
  const log: Log = (level, event, fields) => logger[level]({ event, ...fields });
  const releases: (() => unknown)[] = [];
  const stop = async () => {
    for (const release of releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        // The others still hold locks, ports and a database.
        logger.error({
          event: 'release_failed',
          error: error instanceof Error ? error.stack : String(error),
        });
      }
    }
  };
  try {
    const started = await start({ config, options, logger, log, releases });
    if (!started.ok) await stop();
    return started.ok ? { ok: true, running: { ...started.running, stop } } : started;
  } catch (error) {
    await stop();
    logger.debug({ event: 'start_failed', error: error instanceof Error ? error.stack : String(error) });
    return { ok: false, problem: messageOf(error) };
  }
}

type Starting =
  | { readonly ok: true; readonly running: Omit<Switch, 'stop'> }
  | { readonly ok: false; readonly problem: string };

async function start(given: {
  readonly config: Config;
  readonly options: StartOptions;
  readonly logger: Logger;
  readonly log: Log;
  readonly releases: (() => unknown)[];
}): Promise<Starting> {
  const { config, options, logger, log, releases } = given;
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics });
  releases.push(() => metrics.clear());
  const events = createEvents(log, metrics);
  const recordings = join(config.data, 'recordings');
  const folder = await makeFolder(recordings, config.data);
  if (!folder.ok) return folder;

  const records = await openDatabase(config, logger, releases);
  if (typeof records === 'string') return { ok: false, problem: records };
  const journal = await openJournal({ dir: join(config.data, 'journal'), log: logger });
  releases.push(() => journal.close());
  const lost = await closeLostCalls(journal, Date.now());
  if (lost.length > 0) log('warn', 'lost_calls_closed', { calls: lost.length });

  const current = new CurrentConfig(config, { hash: config.hash, routing: compile(config.network) });
  const tables = new Tables(journal);
  await tables.write(config.hash, inParts(config.terms), Date.now());
  events.configStands(config.hash);
  const counters = new Counters(records.db, current);
  const dispatcher = startDispatcher({
    outbox: outboxOf(records.db),
    onOutcome: (outcome) => events.webhookTried(outcome),
    onUnreachable: (error) => events.webhooksWait(error),
  });
  // It stops after the loader, with what that one wrote last.
  releases.push(() => dispatcher.stop());
  dispatcher.use(config.webhooks);
  const loader = startLoaderThread({
    subscriptions: config.webhooks.map(subscriptionOf),
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

  const holdings = await startHoldingsFeed({
    ...{ url: records.url, log, now: () => Date.now() },
    file: join(config.data, 'holdings.json'),
  });
  releases.push(() => holdings.stop());
  releases.push(
    watchStock({
      ...{ db: records.db, given: () => current.config, now: () => new Date() },
      onStock: (stock) => events.poolStock(stock),
    }),
  );

  const up = await startEngines(config, recordings, log);
  if (!up.ok) return up;
  const { engines } = up;
  releases.push(() => engines.close());

  const trunks = new Trunks(engines.signalling, (trunk, isUp) => events.trunkChanged(trunk, isUp));
  trunks.watch(config.network.trunks.values());
  releases.push(() => trunks.stop());
  await backlogLoaded(loader, config.http, log);
  await within(holdingsWithin, holdings.loaded, undefined);
  await counters.fill(lookBackOf(config.network), Date.now());

  const bidding = createBidding({
    key: await callerKey(config.data),
    now: () => Date.now(),
    onOutcome: (report) => events.bidHeard(report),
  });
  releases.push(() => bidding.close());
  const registry = new Registry();
  const books = new Books();
  const carriers = new Carriers(config.carriers);
  const draining = new AbortController();
  const floor: Floor = {
    signalling: engines.signalling,
    media: engines.media,
    journal: { append: (event) => void journal.append(event), flushed: () => journal.flushed() },
    events,
    carriers,
    registry,
    usages: counters.usages,
    leases: counters.leases,
    tally: counters.tally,
    performance: counters.performance,
    settlements: counters.settlements,
    trunks,
    bidding,
    books,
    recordings,
    get limits() {
      return current.config.limits;
    },
    table: () => current.table,
    held: (number, at) => holdings.held(number, at),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    dice: () => Math.random(),
    closedFor: () => (draining.signal.aborted ? 'draining' : journal.healthy ? null : 'journal_unwritable'),
  };
  const forgetting = setInterval(() => counters.forget(Date.now()), hourMs);
  releases.push(() => clearInterval(forgetting));
  releases.push(saySignsOfLife(registry, journal));
  exposeGauges(metrics, { calls: registry, books, engines, journal, loader, holdings, webhooks: dispatcher });

  const lookAgain = lookForClashes({ db: records.db, given: () => current.config, events, log });
  void lookAgain();
  const reloading = await watchAndReload({
    data: options.data,
    running: () => current.config,
    install: takeOver({
      ...{ current, carriers, trunks, counters, tables, events, engines },
      tell: (webhooks) => {
        dispatcher.use(webhooks);
        loader.subscribe(webhooks.map(subscriptionOf));
      },
    }),
    onReloaded: (cause, result) => {
      events.configReloaded(cause, result);
      if (result.ok && result.changed) void lookAgain();
    },
  });
  releases.push(() => reloading.stop());
  const { host, port, token, rate } = config.http;
  const http = await listen({
    ...{ host, port, metrics, rate },
    tokens: () => ({ network: token, buyers: current.config.tokens }),
    network: () => current.config,
    records: apiRecords(records.db),
    publishers: publishers({ db: records.db, given: () => current.config, now: () => new Date() }),
    afterTheCall: afterTheCall({
      db: records.db,
      terms: new KnownTerms(),
      now: () => new Date(),
      inSameTransaction: tellOfCorrections(() => current.config.webhooks.map(subscriptionOf)),
      onCorrected: (corrected) => {
        const { call, kind, reference, revenue, payout, minorDigits, by } = corrected;
        const money = (amount: bigint) => formatMoney(amount, minorDigits);
        events.corrected({ call, kind, reference, revenue: money(revenue), payout: money(payout), by });
        counters.corrected(corrected);
      },
    }),
    onDefect: (error) => events.requestFailed(error),
    lend: (asked) => lend(records.db, asked, new Date()),
    liveCalls: () => registry.live(),
    reload: () => reloading.reload('request'),
    world: (call) => snapshotOf(floor, call),
    buyers: () => standingOf(floor, minorDigitsOf(current.config.currency)),
    today: () => today(records.db, current.config.timezone, new Date()),
    notReady: () => [
      ...(draining.signal.aborted ? ['draining'] : []),
      ...(engines.signalling.link.aborted ? ['no link to the SIP server'] : []),
      ...(engines.media.ready ? [] : ['no media server']),
      ...(journal.healthy ? [] : ['the journal cannot be written']),
    ],
  });
  if (!http.ok) return http;
  releases.push(() => http.close());

  engines.signalling.onProbe(() => floor.closedFor() === null);
  engines.signalling.onInvite((offer) => void takeCall(offer, floor));
  const hangUp = async () => {
    draining.abort();
    for (const call of registry.all()) call.end('drained', 'switch');
    await within(lastReleaseWithin, registry.empty(), undefined);
    await within(lastReleaseWithin, books.empty(), undefined);
  };
  const drain = async () => {
    draining.abort();
    await within(current.config.limits.drain, registry.empty(), undefined);
    await hangUp();
  };
  return {
    ok: true,
    running: {
      listening: engines.listening,
      http: http.url,
      table: config.hash,
      died: engines.died,
      reload: reloading.reload,
      drain,
      hangUp,
    },
  };
}

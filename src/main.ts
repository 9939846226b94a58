/**
 * The composition root: config → database → records → engines → calls → HTTP → ready. Each step that acquires pushes
 * its release; a stop runs them in reverse, and so does a start that fails half-way.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry as Metrics } from 'prom-client';
import { backlogLoaded } from './composition/backlog.ts';
import { createBidding } from './bids/bidding.ts';
import { Carriers } from './calls/carriers.ts';
import { Overload } from './calls/overload.ts';
import { Registry } from './calls/registry.ts';
import { Books } from './calls/scope.ts';
import { takeCall } from './calls/take-call.ts';
import { Trunks } from './calls/trunks/trunks.ts';
import type { Config } from './config/config.ts';
import { Counters } from './composition/counters.ts';
import { CurrentConfig } from './composition/current-config.ts';
import { watchCorrections } from './composition/watch-corrections.ts';
import { watchEventLoop } from './event-loop.ts';
import { within } from './deadline.ts';
import { endingOf, type Ending } from './composition/ending.ts';
import { startEngines } from './engines.ts';
import type { Load } from './event-loop.ts';
import { createEvents } from './events.ts';
import { floorOf } from './composition/floor-of.ts';
import { followHoldings } from './composition/follow-holdings.ts';
import { exposeGauges } from './observing/gauges.ts';
import { unready, unsound } from './observing/health.ts';
import { startLoading } from './composition/load-records.ts';
import type { Log } from './log.ts';
import { callerKey, switchId } from './composition/lasting-keys.ts';
import { lookAtEngines } from './composition/look-at-engines.ts';
import { makeFolder } from './composition/make-folder.ts';
import { messageOf } from './message-of.ts';
import { openDatabase } from './open-database.ts';
import { openHttp } from './composition/open-http.ts';
import { openJournal } from './records/journal/journal.ts';
import { closeLostCalls } from './records/lost-calls.ts';
import { Tables } from './records/tables.ts';
import { watchAndReload, type Reload } from './reload/reload.ts';
import { releaseAll, type Releases } from './composition/releases.ts';
import { lookBackOf } from './routing/look-back.ts';
import { compile } from './routing/table.ts';
import { inParts } from './settlement/terms-parts.ts';
import { saySignsOfLife } from './composition/signs-of-life.ts';
import { takeOver } from './composition/take-over.ts';
import { TraceRing } from './trace/ring.ts';

export interface Switch extends Pick<Ending, 'drain' | 'hangUp'> {
  /** `udp:127.0.0.1:5060`, … */
  readonly listening: readonly string[];
  readonly http: string;
  /** The hash of the table that it started with. */
  readonly table: string;
  /** Resolves when the switch cannot go on: a thread of the embedded engine died. */
  readonly died: Promise<Error>;
  /** Looks at the config again; it does so by itself when a file of it changes. */
  readonly reload: Reload['reload'];
  stop(): Promise<void>;
}

/** A problem is a line or more, each complete in itself. */
export type Started =
  { readonly ok: true; readonly running: Switch } | { readonly ok: false; readonly problem: string };

interface StartOptions {
  /** What `--data` said: it stands above the file, at each reload too. */
  readonly data?: string | undefined;
  /** A reload brought these. */
  readonly onLogSettings?: (settings: Config['log']) => void;
}

/** How long a start waits to learn who holds which number; until then it routes by what it knew when it last ran. */
const holdingsWithin = 5_000;
const hourMs = 3_600_000;

export async function startSwitch(
  config: Config,
  logger: Logger,
  options: StartOptions = {},
): Promise<Started> {
  const log: Log = (level, event, fields) => logger[level]({ event, ...fields });
  const releases: Releases = [];
  const stop = () => releaseAll(releases, logger);
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
  readonly releases: Releases;
}): Promise<Starting> {
  const { config, options, logger, log, releases } = given;
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics });
  releases.push(() => metrics.clear());
  const loop = watchEventLoop();
  releases.push(() => loop.stop());
  const registry = new Registry();
  const trace = new TraceRing(
    () => current.config.trace.calls,
    (call) => registry.has(call),
  );
  const events = createEvents(log, metrics, (call, sipCallId) => trace.follow(call, sipCallId));
  const recordings = join(config.data, 'recordings');
  const folder = await makeFolder(recordings, config.data);
  if (!folder.ok) return folder;

  const wrong = await lookAtEngines(config.engine);
  if (wrong.length > 0) return { ok: false, problem: wrong.join('\n') };
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
  const loading = { records, journal, current, counters, events, logger, releases };
  const { loader, webhooks, tell } = startLoading(loading);
  const following = { records, data: config.data, current, events, log, releases };
  const { holdings, clashes } = await followHoldings(following);

  const up = await startEngines(config, {
    ...{ recordings, log },
    owner: await switchId(config.data),
    onSip: (frame) => trace.saw(frame),
  });
  if (!up.ok) return up;
  const { engines } = up;
  releases.push(() => engines.close());

  const trunks = new Trunks(engines.signalling, events);
  trunks.watch(config.network.trunks.values());
  events.trunksStand(trunks.standing());
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
  const books = new Books();
  const carriers = new Carriers(config.carriers);
  const overload = new Overload();
  let ofSip: Load | null = null;
  loop.eachSecond((own) => {
    ofSip = engines.takeSipLoad(own);
    overload.observe(ofSip ? [own, ofSip] : [own], current.config.limits.stall);
  });
  const ending = endingOf(registry, books, () => current.config.limits.drain);
  const floor = floorOf({
    ...{ engines, journal, events, carriers, overload, registry, books, counters, trunks, bidding },
    ...{ holdings, recordings, current, ending },
  });
  const forgetting = setInterval(() => counters.forget(Date.now()), hourMs);
  releases.push(() => clearInterval(forgetting));
  releases.push(saySignsOfLife(registry, journal));
  const notReady = () => unready({ draining: ending.isDraining(), ...engines, journal });
  exposeGauges(metrics, {
    ...{ calls: registry, books, overload, engines, journal, loader, holdings, webhooks },
    ...{ floor, notReady, trace, loop, data: config.data, sipLoad: () => ofSip },
  });

  const corrections = watchCorrections(counters);
  releases.push(() => corrections.stop());
  const reloading = await watchAndReload({
    data: options.data,
    running: () => current.config,
    install: takeOver({ current, carriers, trunks, counters, tables, events, engines, tell }),
    onReloaded: (cause, result) => {
      events.configReloaded(cause, result);
      options.onLogSettings?.(current.config.log);
      if (result.ok && result.changed) clashes.changed();
    },
  });
  releases.push(() => reloading.stop());
  const http = await openHttp({
    ...{ config, current, db: records.db, floor, events, metrics },
    lookForCorrections: () => void corrections.look(),
    reload: () => reloading.reload('request'),
    trace: (call) => trace.find(call),
    unsound: () => unsound({ loop: () => loop.delay(), threads: { SIP: engines.sip, media: engines.rtp } }),
    notReady,
  });
  if (!http.ok) return http;
  releases.push(() => http.close());

  engines.signalling.onProbe(() => floor.closedFor() === null);
  if (!(await engines.signalling.onInvite((offer) => void takeCall(offer, floor))))
    return { ok: false, problem: 'the SIP server did not say within 3 s that it sends calls here' };
  return {
    ok: true,
    running: {
      listening: engines.listening,
      http: http.url,
      table: config.hash,
      died: engines.died,
      reload: reloading.reload,
      ...{ drain: ending.drain, hangUp: ending.hangUp },
    },
  };
}

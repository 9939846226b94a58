/**
 * The composition root: config → database → records → engines → calls → HTTP → ready. Each step that acquires pushes
 * its release; a stop runs them in reverse, and so does a start that fails half-way.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry as Metrics } from 'prom-client';
import { Carriers } from './calls/carriers.ts';
import type { Floor } from './calls/floor.ts';
import { Leases } from './calls/leases.ts';
import { Registry } from './calls/registry.ts';
import { remember } from './calls/remember.ts';
import { Books } from './calls/scope.ts';
import { takeCall } from './calls/take-call.ts';
import { Tally } from './calls/tally.ts';
import { Trunks } from './calls/trunks.ts';
import type { Config } from './config/config.ts';
import { within } from './deadline.ts';
import { startDatabase } from './embedded/database/database.ts';
import { startEngines } from './engines.ts';
import { createEvents } from './events.ts';
import { exposeGauges } from './gauges.ts';
import { listen } from './http/server.ts';
import type { Log } from './log.ts';
import { openJournal, type Journal } from './records/journal/journal.ts';
import { startLoader } from './records/loader/loader.ts';
import { closeLostCalls } from './records/lost-calls.ts';
import { migrate } from './records/migrate.ts';
import { openRecords, type Records } from './records/open-records.ts';
import { buyerHistory, callerHistory } from './records/remembered.ts';
import { compile } from './routing/table.ts';
import { formatMoney } from './settlement/money.ts';
import { termsToJson } from './settlement/terms-json.ts';

export interface Switch {
  /** `udp:127.0.0.1:5060`, … */
  readonly listening: readonly string[];
  readonly http: string;
  readonly table: string;
  /** Resolves when the switch cannot go on: a thread of the embedded engine died. */
  readonly died: Promise<Error>;
  /** Takes no more calls, waits for those that live as long as `limits.drain` says, then ends them. */
  drain(): Promise<void>;
  /** Ends every call now. */
  endCalls(): void;
  stop(): Promise<void>;
}

export type Started =
  { readonly ok: true; readonly running: Switch } | { readonly ok: false; readonly problem: string };

/** How often the journal says which calls live: what a killed switch loses is the time since. */
const aliveEvery = 5_000;
/** How long a stop waits for the last records to reach the database, and a start for those that a stop left behind. */
const lastLoadWithin = 5_000;
/** How long a stop waits for far ends that do not answer their BYE. */
const lastReleaseWithin = 6_000;
/** A cap's longest period that ends: a month, and the day by which zones differ. */
const monthAndADay = 32 * 24 * 3_600_000;

export async function startSwitch(config: Config, logger: Logger): Promise<Started> {
  const log: Log = (level, event, fields) => logger[level]({ event, ...fields });
  const releases: (() => unknown)[] = [];
  const stop = async () => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  try {
    const started = await start(config, logger, log, releases);
    if (!started.ok) await stop();
    return started.ok ? { ok: true, running: { ...started.running, stop } } : started;
  } catch (error) {
    await stop();
    logger.debug({ event: 'start_failed', error: error instanceof Error ? error.stack : String(error) });
    return { ok: false, problem: inWords(error) };
  }
}

const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Starting =
  | { readonly ok: true; readonly running: Omit<Switch, 'stop'> }
  | { readonly ok: false; readonly problem: string };

async function start(
  config: Config,
  logger: Logger,
  log: Log,
  releases: (() => unknown)[],
): Promise<Starting> {
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics });
  releases.push(() => metrics.clear());
  const events = createEvents(log, metrics);
  const recordings = join(config.data, 'recordings');
  await mkdir(recordings, { recursive: true, mode: 0o700 });

  const records = await openDatabase(config, logger, releases);
  if (typeof records === 'string') return { ok: false, problem: records };
  const journal = await openJournal({ dir: join(config.data, 'journal'), log: logger });
  releases.push(() => journal.close());
  const lost = await closeLostCalls(journal, Date.now());
  if (lost.length > 0) log('warn', 'lost_calls_closed', { calls: lost.length });
  const table = { hash: config.hash, routing: compile(config.network) };
  journal.append({ type: 'table', at: Date.now(), hash: table.hash, terms: termsToJson(config.terms) });

  const leases = new Leases();
  const tally = new Tally((buyer) => config.network.buyers.get(buyer)?.timezone ?? config.timezone);
  let remembered = false;
  const loader = startLoader({
    journal,
    db: records.db,
    log: logger,
    onSettled: (call) => {
      const { buyer } = call;
      events.settled({
        call: call.call,
        buyer,
        revenue: formatMoney(call.revenue),
        payout: formatMoney(call.payout),
      });
      if (buyer === null) return;
      leases.settled(call.call, buyer);
      // What an earlier run left in the journal is among what is remembered.
      if (!remembered) return;
      const what = { buyer, campaign: call.campaign, caller: call.caller, at: call.endedAt };
      if (call.converted) tally.add({ ...what, count: 'converted', amount: 1 });
      tally.add({ ...what, count: 'revenue', amount: Number(call.revenue) });
    },
  });
  releases.push(() => loader.stop());
  releases.push(() => within(lastLoadWithin, loader.caughtUp(), undefined));

  const up = await startEngines(config, recordings, log);
  if (!up.ok) return up;
  const { engines } = up;
  releases.push(() => engines.close());

  const trunks = new Trunks(engines.signalling, (trunk, isUp) => events.trunkChanged(trunk, isUp));
  trunks.watch(config.network.trunks.values());
  releases.push(() => trunks.stop());
  const { countsSince, callersSince } = howFarBack(config, Date.now());
  await within(lastLoadWithin, loader.caughtUp(), undefined);
  remember(tally, await buyerHistory(records.db, countsSince), await callerHistory(records.db, callersSince));
  remembered = true;

  const registry = new Registry();
  const books = new Books();
  const draining = new AbortController();
  const floor: Floor = {
    signalling: engines.signalling,
    media: engines.media,
    journal: { append: (event) => void journal.append(event) },
    events,
    carriers: new Carriers(config.carriers),
    registry,
    leases,
    tally,
    trunks,
    books,
    limits: config.limits,
    recordings,
    table: () => table,
    now: () => Date.now(),
    dice: () => Math.random(),
    isDraining: () => draining.signal.aborted || !journal.healthy,
  };
  releases.push(saySignsOfLife(registry, journal));
  exposeGauges(metrics, { calls: registry, books, engines, journal, loader });

  const http = await listen({
    ...config.http,
    metrics,
    liveCalls: () => registry.live(),
    notReady: () => [
      ...(draining.signal.aborted ? ['draining'] : []),
      ...(engines.signalling.link.aborted ? ['no link to the SIP server'] : []),
      ...(engines.media.ready ? [] : ['no media server']),
      ...(journal.healthy ? [] : ['the journal cannot be written']),
    ],
  });
  if (!http.ok) return http;
  releases.push(() => http.close());

  engines.signalling.onInvite((offer) => void takeCall(offer, floor));
  const endCalls = () => {
    for (const call of registry.all()) call.end('drained', 'switch');
  };
  const drain = async () => {
    draining.abort();
    await within(config.limits.drain, registry.empty(), undefined);
    endCalls();
    await within(lastReleaseWithin, registry.empty(), undefined);
    await within(lastReleaseWithin, books.empty(), undefined);
  };
  return {
    ok: true,
    running: {
      listening: engines.listening,
      http: http.url,
      table: table.hash,
      died: engines.died,
      drain,
      endCalls,
    },
  };
}

/** The times since which a cap or a repeat rule of this config may ask; milliseconds since the epoch. */
function howFarBack({ network }: Config, now: number): { countsSince: number; callersSince: number } {
  const hasEver = [...network.buyers.values()].some(({ caps }) => caps.some(({ per }) => per === 'ever'));
  const windows = [...network.campaigns.values()].map(({ repeatCaller }) => repeatCaller?.within ?? 0);
  return {
    countsSince: hasEver ? 0 : now - monthAndADay,
    callersSince: now - Math.max(0, ...windows),
  };
}

/** The records, their schema up to date; or why not, in words. */
async function openDatabase(
  config: Config,
  logger: Logger,
  releases: (() => unknown)[],
): Promise<Records | string> {
  let url: string;
  if (config.database === 'embedded') {
    const database = await startDatabase({ dataDir: config.data, log: logger });
    releases.push(() => database.stop());
    url = database.url;
  } else {
    url = config.database.url;
  }
  const records = openRecords({ url, log: logger });
  releases.push(() => records.close());
  try {
    await migrate(records.db);
  } catch (error) {
    const where = url.replace(/\/\/[^@/]*@/, '//');
    return `database: ${where} cannot be used: ${inWords(error)}`;
  }
  return records;
}

function saySignsOfLife(registry: Registry, journal: Journal): () => void {
  const timer = setInterval(() => {
    const calls = registry.ids();
    if (calls.length > 0) journal.append({ type: 'alive', at: Date.now(), calls });
  }, aliveEvery);
  return () => clearInterval(timer);
}

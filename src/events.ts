/**
 * One function a business event: it logs and it counts, so that a log line and a metric never disagree. Digits that
 * callers press are in neither. Labels come from closed lists and from the config, never from a caller.
 */
import type { Registry } from 'prom-client';
import type { BidReport } from './bids/bidding.ts';
import { callMetrics } from './call-metrics.ts';
import type { FiguresOfLeg } from './calls/leg-figures.ts';
import type { BreakerChange } from './calls/trunk-breaker.ts';
import type { Log } from './log.ts';
import { metricsIn } from './metrics.ts';
import { holderInWords, type NumberClash } from './publishers/clashes.ts';
import type { ReloadCause, Reloaded } from './reload/reload.ts';
import type { AttemptRecord, CallIdentity, CallRecord, LeftOutLine, PlannedLine } from './records/events.ts';
import { RefusalLog } from './refusal-log.ts';
import type { Offer } from './signalling/signalling.ts';
import type { Outcome as WebhookOutcome } from './webhooks/dispatcher.ts';

/** How many numbers a pool could give out, and whether that is few. */
export interface PoolStock {
  readonly pool: string;
  readonly free: number;
  readonly isLow: boolean;
}

export interface Events {
  refused(offer: Offer, reason: string, status: number): void;
  /** `sipCallId` is SIP's Call-ID of the INVITE that became this call. */
  offered(call: CallIdentity, sipCallId: string): void;
  /** `took`: to decide, milliseconds with a fraction. */
  routed(call: string, plan: readonly PlannedLine[], leftOut: readonly LeftOutLine[], took: number): void;
  attemptStarted(call: string, attempt: PlannedLine): void;
  attemptEnded(call: string, attempt: AttemptRecord): void;
  connected(call: string, buyer: string): void;
  ended(record: CallRecord): void;
  /** What the media server counted on a leg of a call that ended. */
  heard(call: string, figures: FiguresOfLeg): void;
  settled(what: {
    readonly call: string;
    readonly buyer: string | null;
    readonly revenue: string;
    readonly payout: string;
  }): void;
  /** What was owed for a call, or for none, was corrected: amounts are by how much more, as decimal text. */
  corrected(what: {
    readonly call: string | null;
    readonly kind: 'conversion' | 'dispute' | 'adjustment';
    readonly reference: string;
    readonly revenue: string;
    readonly payout: string;
    readonly by: string;
  }): void;
  /** One attempt at a delivery is over. */
  webhookTried(outcome: WebhookOutcome): void;
  /** The outbox cannot be asked: deliveries wait. */
  webhooksWait(error: unknown): void;
  /** An API request failed by a fault of ours. */
  requestFailed(error: unknown): void;
  /** The call went on before its journal was on disk: a crash now could lose what it costs. */
  journalLate(call: string): void;
  /** A caller's call failed by a fault of ours: it ends, the switch goes on. */
  defect(call: string, error: unknown): void;
  releaseFailed(call: string, kind: string, error: unknown): void;
  trunkChanged(trunk: string, up: boolean): void;
  /** It is probed no more. */
  trunkForgotten(trunk: string): void;
  /** The table of this hash routes calls from now on. */
  configStands(table: string): void;
  configReloaded(cause: ReloadCause, result: Reloaded): void;
  bidHeard(report: BidReport): void;
  /** A publisher holds a number for a campaign that the config that stands has not: told once for each config. */
  heldForUnknownCampaign(campaign: string, publisher: string): void;
  /** All numbers that the config that stands gives to one while another holds them; each is told once. */
  numbersClash(clashes: readonly NumberClash[]): void;
  /** Of all pools; null: it cannot be known now. A pool that runs low is logged once, until it has enough again. */
  poolStock(stock: readonly PoolStock[] | null): void;
  /** It answered 503 with Retry-After. */
  trunkRests(trunk: string, seconds: number): void;
  /** It failed again and again and is left alone for a while, or works again. */
  trunkBreaker(trunk: string, change: BreakerChange): void;
}

/** `onOffered` hears which INVITE became which call. */
export function createEvents(
  log: Log,
  registry: Registry,
  onOffered: (call: string, sipCallId: string) => void = () => undefined,
): Events {
  const { counter, gauge, histogram } = metricsIn(registry);
  const callsHeard = callMetrics(registry);

  const refusals = counter('calls_refused_total', 'INVITEs turned away before they became calls', ['reason']);
  const offered = counter('calls_offered_total', 'Calls taken in', ['campaign']);
  const ended = counter('calls_ended_total', 'Calls ended, by outcome and first cause', [
    'campaign',
    'outcome',
    'cause',
  ]);
  const leftOut = counter('buyers_left_out_total', 'Buyers left out of a plan, by rule', ['buyer', 'rule']);
  const attempts = counter('attempts_total', 'INVITEs to buyers, by result', ['buyer', 'trunk', 'result']);
  const connected = counter('calls_connected_total', 'Calls put through', ['buyer']);
  const settled = counter('calls_settled_total', 'Calls settled', ['paid']);
  const corrected = counter('corrections_total', 'Postings that corrected what was owed', ['kind']);
  const webhooks = counter('webhook_attempts_total', 'Attempts at deliveries, by what came of them', [
    'event',
    'result',
  ]);
  const defects = counter(
    'defects_total',
    'Faults of ours that ended a call, kept a release from happening or failed a request',
    ['where'],
  );
  const journalLate = counter(
    'journal_late_total',
    'Answers and connections that went ahead of the journal, for the disk did not answer in time',
    [],
  );
  const rests = counter('trunk_rests_total', '503s with Retry-After from a trunk', ['trunk']);
  const bids = counter('bids_total', 'Bidders asked, by what came of it', ['buyer', 'result']);
  const bidTime = histogram(
    'bid_seconds',
    'How long a bidder took to answer',
    ['buyer'],
    [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
  );
  // A counter that must read 0 is there to be read from the start.
  for (const where of ['story', 'release', 'request']) defects.inc({ where }, 0);
  const trunkUp = gauge('trunk_up', '1 where the last probes of a trunk were answered', ['trunk']);
  const breakerOpen = gauge(
    'trunk_breaker_open',
    '1 while a trunk that failed again and again is left alone, until a call by it succeeds',
    ['trunk'],
  );
  const reloads = counter('config_reloads_total', 'Looks at a changed config, by what came of them', [
    'result',
  ]);
  const numberClashes = gauge(
    'number_clashes',
    'Numbers that the config gives to one while another holds them: must read 0',
  );
  const configInfo = gauge('config_info', '1 for the table that routes calls now', ['hash']);
  const refusalLog = new RefusalLog(log);
  const strayCampaigns = new Set<string>();
  const freeNumbers = gauge('numbers_free', 'Numbers that a pool could give out now', ['pool']);
  const poolLow = gauge('pool_low', '1 where fewer numbers are free than the pool says in low', ['pool']);
  const lowPools = new Set<string>();
  const clashesTold = new Set<string>();

  return {
    refused(offer, reason, status) {
      refusals.inc({ reason });
      refusalLog.refused(reason, () => ({ status, source: offer.source.host, to: short(offer.to) }));
    },
    offered({ call, campaign, publisher, source, from, to, carrier, table }, sipCallId) {
      onOffered(call, sipCallId);
      offered.inc({ campaign });
      const sip_call_id = short(sipCallId);
      log('info', 'call_offered', {
        call,
        sip_call_id,
        campaign,
        publisher,
        source,
        from,
        to,
        carrier,
        table,
      });
    },
    routed(call, plan, left, took) {
      callsHeard.decided(took);
      for (const { buyer, rule } of left) leftOut.inc({ buyer, rule });
      log('info', 'call_routed', { call, plan: plan.map(({ buyer }) => buyer), left_out: left });
    },
    attemptStarted(call, { buyer, trunk }) {
      log('info', 'attempt_started', { call, buyer, trunk });
    },
    attemptEnded(call, attempt) {
      const { buyer, trunk, result, status, reason } = attempt;
      attempts.inc({ buyer, trunk, result });
      callsHeard.attempted(attempt);
      log('info', 'attempt_ended', { call, buyer, trunk, result, status, reason });
    },
    connected(call, buyer) {
      connected.inc({ buyer });
      log('info', 'call_connected', { call, buyer });
    },
    ended(record) {
      const { call, campaign, outcome, cause, hungUpBy, buyer, connectedAt, endedAt, media } = record;
      ended.inc({ campaign, outcome, cause });
      callsHeard.ended(record);
      const connectedMs = connectedAt === null ? null : endedAt - connectedAt;
      log('info', 'call_ended', {
        call,
        outcome,
        cause,
        hung_up_by: hungUpBy,
        buyer,
        connected_ms: connectedMs,
        media,
      });
    },
    heard(call, { leg, codec, packetsSent, packetsReceived, packetsLost, jitter }) {
      const figures = { leg, codec, packetsSent, packetsReceived, packetsLost, jitter };
      callsHeard.heard(figures);
      log('debug', 'call_heard', { call, ...figures });
    },
    settled(what) {
      settled.inc({ paid: Number(what.payout) > 0 ? 'yes' : 'no' });
      log('info', 'call_settled', what);
    },
    corrected(what) {
      corrected.inc({ kind: what.kind });
      log('info', 'corrected', what);
    },
    webhookTried(outcome) {
      const { event, result } = outcome;
      webhooks.inc({ event, result });
      const { id: delivery, endpoint, owner, attempts, error } = outcome;
      const level = result === 'delivered' ? 'info' : 'warn';
      log(level, `webhook_${result}`, { delivery, endpoint, owner, type: event, attempts, error });
    },
    webhooksWait(error) {
      log('warn', 'webhooks_wait', { error: error instanceof Error ? error.message : String(error) });
    },
    requestFailed(error) {
      defects.inc({ where: 'request' });
      log('error', 'request_failed', { error: error instanceof Error ? error.stack : String(error) });
    },
    journalLate(call) {
      journalLate.inc({});
      log('warn', 'journal_late', { call });
    },
    defect(call, error) {
      defects.inc({ where: 'story' });
      log('error', 'defect', {
        call,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    },
    releaseFailed(call, kind, error) {
      defects.inc({ where: 'release' });
      log('error', 'release_failed', { call, kind, error: String(error) });
    },
    bidHeard({ call, buyer, outcome, took, breaker }) {
      const result = outcome.kind === 'bid' ? 'bid' : outcome.reason;
      bids.inc({ buyer, result });
      bidTime.observe({ buyer }, took / 1000);
      log('info', 'bid_heard', { call, buyer, result, took_ms: took, ...outcome });
      if (breaker !== null) log('warn', `bidder_breaker_${breaker}`, { buyer });
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
    trunkForgotten(trunk) {
      trunkUp.remove({ trunk });
    },
    poolStock(stock) {
      freeNumbers.reset();
      poolLow.reset();
      for (const { pool, free, isLow } of stock ?? []) {
        freeNumbers.set({ pool }, free);
        poolLow.set({ pool }, isLow ? 1 : 0);
        if (isLow && !lowPools.has(pool)) log('warn', 'pool_low', { pool, free });
        if (isLow) lowPools.add(pool);
        else lowPools.delete(pool);
      }
    },
    heldForUnknownCampaign(campaign, publisher) {
      if (strayCampaigns.has(campaign)) return;
      strayCampaigns.add(campaign);
      log('warn', 'held_for_unknown_campaign', { campaign, publisher });
    },
    numbersClash(clashes) {
      numberClashes.set({}, clashes.length);
      const before = new Set(clashesTold);
      clashesTold.clear();
      for (const { number, given, held } of clashes) {
        const told = `${number} ${held.application}`;
        clashesTold.add(told);
        if (before.has(told)) continue;
        const { application } = held;
        log('warn', 'number_clash', {
          number,
          given: holderInWords(given),
          held: holderInWords(held),
          application,
        });
      }
    },
    configStands(table) {
      strayCampaigns.clear();
      configInfo.reset();
      configInfo.set({ hash: table }, 1);
    },
    configReloaded(cause, result) {
      const { config, problems } = result;
      reloads.inc({ result: !result.ok ? 'refused' : result.changed ? 'changed' : 'unchanged' });
      if (!result.ok) {
        const errors = problems.filter(({ severity }) => severity === 'error');
        log('warn', 'config_refused', {
          cause,
          config,
          errors: errors.length,
          problems: errors.slice(0, 20),
        });
        return;
      }
      const { table, changed, restart } = result;
      log('info', 'config_reloaded', { cause, config, table, changed });
      if (restart.length > 0) log('warn', 'config_needs_restart', { config, entries: restart });
    },
    trunkChanged(trunk, up) {
      trunkUp.set({ trunk }, up ? 1 : 0);
      log(up ? 'info' : 'warn', up ? 'trunk_up' : 'trunk_down', { trunk });
    },
  };
}

/** Text from the network, kept to a length that a log can bear. */
function short(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

/** Of calls, from the INVITE to the record. */
import type { Registry } from 'prom-client';
import { callMetrics } from './call-metrics.ts';
import type { FiguresOfLeg } from '../calls/leg-figures.ts';
import type { Log } from '../log.ts';
import { metricsIn } from './metrics.ts';
import type { AttemptRecord, CallIdentity, CallRecord, LeftOutLine, PlannedLine } from '../records/events.ts';
import type { Offer } from '../signalling/signalling.ts';
import { sparingLines } from '../sparing-lines.ts';

export interface CallEvents {
  refused(offer: Offer, reason: string, status: number): void;
  /** `sipCallId` is SIP's Call-ID of the INVITE that became this call. */
  offered(call: CallIdentity, sipCallId: string): void;
  /** `took`: to decide, milliseconds with a fraction. */
  routed(call: string, plan: readonly PlannedLine[], leftOut: readonly LeftOutLine[], took: number): void;
  attemptStarted(call: string, attempt: PlannedLine): void;
  attemptEnded(call: string, attempt: AttemptRecord): void;
  /** The buyer gets the call without having heard it. */
  whisperFailed(call: string, buyer: string, whisper: string): void;
  connected(call: string, buyer: string): void;
  ended(record: CallRecord): void;
  /** What the media server counted on a leg of a call that ended. */
  heard(call: string, figures: FiguresOfLeg): void;
}

/** `onOffered` hears which INVITE became which call. */
export function callEvents(
  log: Log,
  registry: Registry,
  onOffered: (call: string, sipCallId: string) => void,
): CallEvents {
  const { counter } = metricsIn(registry);
  const callsHeard = callMetrics(registry);
  const refusals = counter('calls_refused_total', 'INVITEs turned away before they became calls', ['reason']);
  // Whoever refuses en masse has better things to do than to write each one down.
  const mayWrite = sparingLines();
  const offered = counter('calls_offered_total', 'Calls taken in', ['campaign']);
  const leftOut = counter('buyers_left_out_total', 'Buyers left out of a plan, by rule', ['buyer', 'rule']);
  const attempts = counter('attempts_total', 'INVITEs to buyers, by result', ['buyer', 'trunk', 'result']);
  const whispersFailed = counter(
    'whispers_failed_total',
    'Calls that a buyer got without having heard the whisper',
    ['buyer'],
  );
  const connected = counter('calls_connected_total', 'Calls put through', ['buyer']);
  const ended = counter('calls_ended_total', 'Calls ended, by outcome and first cause', [
    'campaign',
    'outcome',
    'cause',
  ]);

  return {
    refused(offer, reason, status) {
      refusals.inc({ reason });
      const sumUp = (calls: number) => log('warn', 'calls_refused', { reason, calls });
      if (!mayWrite('call_refused', reason, sumUp)) return;
      log('info', 'call_refused', { reason, status, source: offer.source.host, to: short(offer.to) });
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
    whisperFailed(call, buyer, whisper) {
      whispersFailed.inc({ buyer });
      log('warn', 'whisper_failed', { call, buyer, whisper });
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
  };
}

/** Text from the network, kept to a length that a log can bear. */
function short(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

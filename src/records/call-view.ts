/** The record of a call with its attempts, as `tollbridge calls --json` prints it. */
import type { Selectable } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import { formatMoney } from '../settlement/money.ts';
import type { AttemptRecord, CallRecord, Cause, LeftOutLine, Outcome, PlannedLine } from './events.ts';
import type { AttemptsTable, CallMediaTable, CallsTable } from './schema/calls.ts';

/** Times are ISO 8601 in UTC with milliseconds, money is decimal text. */
export interface CallView {
  readonly id: string;
  readonly sip_call_id: string | null;
  readonly started_at: string;
  readonly ringing_at: string | null;
  readonly answered_at: string | null;
  readonly acknowledged_at: string | null;
  readonly connected_at: string | null;
  readonly bye_at: string | null;
  readonly ended_at: string;
  /** From the INVITE to the first ringing, or to the answer where nothing rang; null where neither came. */
  readonly post_dial_delay_ms: number | null;
  readonly from: string | null;
  readonly to: string;
  readonly carrier: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly hung_up_by: CallRecord['hungUpBy'];
  readonly attempts: readonly AttemptView[];
  readonly buyer: string | null;
  readonly connected_ms: number;
  readonly inbound_ms: number;
  readonly media: CallRecord['media'];
  readonly codec: string | null;
  /** Of legs whose media was anchored, once their counts were told. */
  readonly rtp: readonly RtpView[];
  readonly recording: string | null;
  readonly converted: boolean;
  readonly currency: string | null;
  readonly revenue: string;
  readonly revenue_reason: string;
  readonly payout: string;
  readonly payout_reason: string;
  readonly margin: string;
  readonly plan: readonly PlannedLine[];
  readonly left_out: readonly LeftOutLine[];
  readonly table: string;
}

export interface AttemptView extends PlannedLine {
  readonly sip_call_id: string | null;
  readonly started_at: string;
  readonly ringing_at: string | null;
  readonly answered_at: string | null;
  readonly acknowledged_at: string | null;
  readonly bye_at: string | null;
  readonly ended_at: string;
  readonly post_dial_delay_ms: number | null;
  readonly codec: string | null;
  readonly result: AttemptRecord['result'];
  readonly status: number | null;
  readonly reason: string | null;
}

interface RtpView {
  /** 0: the caller; else the attempt's place in `attempts`, from 1. */
  readonly leg: number;
  readonly codec: string | null;
  readonly packets_sent: number;
  readonly packets_received: number;
  readonly packets_lost: number;
  readonly jitter_ms: number | null;
}

export type CallRow = Selectable<CallsTable> & {
  readonly currency: string | null;
  readonly minor_digits: number | null;
};

export type AttemptRow = Selectable<AttemptsTable>;
export type RtpRow = Selectable<CallMediaTable>;

export function viewOf(call: CallRow, attempts: readonly AttemptRow[], rtp: readonly RtpRow[]): CallView {
  const money = (amount: bigint) => formatMoney(amount, call.minor_digits ?? 2);
  return {
    id: call.id,
    sip_call_id: call.sip_call_id,
    started_at: call.started_at.toISOString(),
    ringing_at: iso(call.ringing_at),
    answered_at: iso(call.answered_at),
    acknowledged_at: iso(call.acknowledged_at),
    connected_at: iso(call.connected_at),
    bye_at: iso(call.bye_at),
    post_dial_delay_ms: postDialDelay(call),
    ended_at: call.ended_at.toISOString(),
    from: call.from_number,
    to: call.to_number,
    carrier: call.carrier,
    campaign: call.campaign,
    publisher: call.publisher,
    source: call.source,
    attributes: call.attributes,
    outcome: call.outcome,
    cause: call.cause,
    hung_up_by: call.hung_up_by,
    attempts: attempts.map((attempt) => attemptView(attempt, money, codecOf(attempt, call, rtp))),
    buyer: call.buyer,
    connected_ms: Number(call.connected_ms),
    inbound_ms: Number(call.inbound_ms),
    media: call.media,
    codec: call.codec,
    rtp: rtp.map(rtpView),
    recording: call.recording,
    converted: call.converted,
    currency: call.currency,
    revenue: money(call.revenue),
    revenue_reason: call.revenue_reason,
    payout: money(call.payout),
    payout_reason: call.payout_reason,
    margin: money(call.margin),
    plan: call.plan,
    left_out: call.left_out,
    table: call.table_hash,
  };
}

const attemptView = (
  row: AttemptRow,
  money: (amount: bigint) => string,
  codec: string | null,
): AttemptView => ({
  buyer: row.buyer,
  trunk: row.trunk,
  dial: row.dial,
  priority: row.priority,
  ...(row.bid === null ? {} : { bid: money(row.bid) }),
  sip_call_id: row.sip_call_id,
  started_at: row.started_at.toISOString(),
  ringing_at: iso(row.ringing_at),
  answered_at: iso(row.answered_at),
  acknowledged_at: iso(row.acknowledged_at),
  bye_at: iso(row.bye_at),
  ended_at: row.ended_at.toISOString(),
  post_dial_delay_ms: postDialDelay(row),
  codec,
  result: row.result,
  status: row.status,
  reason: row.reason,
});

const rtpView = (row: RtpRow): RtpView => ({
  leg: row.leg,
  codec: row.codec,
  packets_sent: Number(row.packets_sent),
  packets_received: Number(row.packets_received),
  packets_lost: Number(row.packets_lost),
  jitter_ms: row.jitter_ms,
});

/** Where the legs exchange media directly, the one who was put through speaks what the caller speaks. */
function codecOf(attempt: AttemptRow, call: CallRow, rtp: readonly RtpRow[]): string | null {
  const counted = rtp.find(({ leg }) => leg === attempt.position);
  if (counted) return counted.codec;
  return call.media === 'direct' && attempt.result === 'answered' ? call.codec : null;
}

function postDialDelay(row: Pick<AttemptRow, 'started_at' | 'ringing_at' | 'answered_at'>): number | null {
  const heard = row.ringing_at ?? row.answered_at;
  return heard === null ? null : heard.getTime() - row.started_at.getTime();
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

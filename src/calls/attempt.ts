import type { Endpoint } from '../media/media.ts';
import type { AttemptRecord } from '../records/events.ts';
import { endsSearch } from '../routing/failover.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { shareCodec } from '../sdp/codecs.ts';
import { formatMoney } from '../settlement/money.ts';
import type { DialOutcome, Dialling, Leg } from '../signalling/signalling.ts';
import { offerLike, openMedia, putThrough } from './attempt-media.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Floor } from './floor.ts';
import type { Lease } from './counts/leases.ts';
import { followLeg, leaveLeg } from './leg-times.ts';
import { ofCall } from './of-call.ts';
import { Ringing } from './ringing.ts';
import type { Holding } from './scope.ts';
import { Silence } from './silence.ts';
import { takeSlot } from './slot.ts';
import { verdictOn } from './trunks/failures.ts';
import { trunkUri } from './trunks/uri.ts';

/** A buyer who answered, and what the call holds for it. */
export interface Connection {
  readonly planned: PlannedAttempt;
  readonly leg: Leg;
  /** Null: the legs exchange media directly. */
  readonly endpoint: Endpoint | null;
  readonly record: Record;
  readonly lease: Lease;
  /** The buyer's answer, or the end of the whisper: from here on the call is paid for. */
  readonly throughAt: number;
  /** Gives back all that this attempt holds. */
  release(): void;
}

/** Tried and not connected. */
interface NotAnswered {
  /** The buyer's own answer is one after which no other buyer is to be tried. */
  readonly isFinal: boolean;
}

export interface Budget {
  /** How long this buyer may ring. */
  readonly ring: number;
  /** Whether the caller may hear what the buyer's network plays: not where several ring at once. */
  readonly passesEarlyMedia: boolean;
  /** Media goes through us: of the buyers that ring together, to all of them or to none. */
  readonly isAnchored: boolean;
  readonly isLast: boolean;
  /** Settles when another buyer of the ring group has the call. */
  readonly lost: Promise<'lost'>;
  isLost(): boolean;
  /** Asked at the answer: whether this buyer is the first. */
  claim(): boolean;
}

type Result = AttemptRecord['result'];
type Record = { -readonly [Key in keyof AttemptRecord]: AttemptRecord[Key] };

/**
 * One INVITE to one buyer: media, lease, dial, ring, and either a connection (answered, whispered to, media in place) or
 * everything given back. A buyer who no longer fits is not dialled and costs no attempt.
 */
export async function attempt(
  call: Call,
  caller: Caller,
  floor: Floor,
  planned: PlannedAttempt,
  budget: Budget,
): Promise<Connection | NotAnswered | 'not_dialled'> {
  const holdings: Holding[] = [];
  const release = () => {
    for (const holding of holdings.reverse()) void holding.release();
  };
  const opened = budget.isAnchored
    ? await openMedia(call, caller, floor, planned, () => budget.isLost(), holdings)
    : { endpoint: null };
  // From here to the INVITE it is one tick: whoever has a slot is dialled.
  const slot = opened === null || call.isOver() || budget.isLost() ? null : takeSlot(call, floor, planned);
  if (opened === null || slot === null) {
    release();
    return 'not_dialled';
  }
  const { endpoint } = opened;
  const { lease, tried } = slot;
  const giveBack = () => {
    lease.release();
    tried.ended({ kind: 'unknown' }, floor.now());
  };
  holdings.push(call.scope.hold('lease', giveBack));
  const sdp = endpoint ? offerLike(endpoint, caller) : caller.sdp;
  if (sdp === null) throw new Error('a call without an offer of its own must be anchored');

  const record = begin(call, floor, planned, slot.bid);
  const finish = (
    result: Result,
    said?: { status: number; reason: string },
    byBuyer = false,
  ): NotAnswered => {
    record.result = result;
    record.endedAt = call.now();
    record.status = said?.status ?? record.status;
    record.reason = said?.reason ?? record.reason;
    record.sipCallId ??= dialling.callId;
    if (!byBuyer) leaveLeg(record, call, record.endedAt);
    call.tried(record, endpoint);
    floor.events.attemptEnded(call.id, record);
    release();
    return { isFinal: byBuyer && endsSearch(planned, call.campaign, said?.status ?? null) };
  };

  const dialling = floor.signalling.dial({
    trunk: trunkUri(planned.trunk),
    number: planned.buyer.dial,
    from: call.identity.from,
    sdp,
    hops: call.hops,
    ...(planned.trunk.auth && { auth: planned.trunk.auth }),
    headers: { [ofCall]: call.id },
  });
  holdings.push(call.scope.hold('leg', () => letGo(dialling)));

  const ringing = new Ringing(call, caller, endpoint, record, passesEarlyMedia(planned, endpoint, budget));
  const silence = new Silence(call.scope, planned.trunk, floor.signalling);
  let rang = false;
  dialling.onTrying(() => silence.broken());
  dialling.onProgress((progress) => {
    silence.broken();
    if (!rang) tried.rang();
    rang = true;
    ringing.hear(progress);
  });
  const outcome = await ring(call, dialling, budget, silence);
  const verdict = verdictOn(outcome, rang, floor.overload.isOn);
  tried.ended(verdict, floor.now());
  if (verdict.kind === 'failed' || verdict.kind === 'silent') floor.events.trunkFailed(planned.trunk.id);
  await ringing.settled();
  if (call.isOver() || outcome === 'over') return finish('cancelled');
  if (outcome === 'silent') {
    return finish('no_response', { status: 408, reason: `no response within ${seconds(planned.trunk)} s` });
  }
  if (outcome === 'lost') return finish('cancelled', { status: 487, reason: 'answered elsewhere' });
  if (outcome === 'elapsed') return finish('no_answer', { status: 408, reason: 'not answered in time' });
  if (outcome.kind !== 'answered') {
    rest(floor, planned, outcome);
    const [result, answer] = failure(outcome, rang);
    return finish(result, answer, true);
  }
  const { leg } = outcome;
  record.answeredAt = call.now();
  record.status = 200;
  record.sipCallId = leg.callId;
  followLeg(leg, record, call);
  if (!shareCodec(sdp, leg.remoteSdp)) {
    return finish('no_common_codec', { status: 488, reason: 'no common codec' });
  }
  if (!budget.claim()) return finish('cancelled', { status: 487, reason: 'answered elsewhere' });
  const through = await putThrough(call, floor, planned, leg, endpoint);
  if (call.isOver()) return finish('cancelled');
  if (through === 'refused') return finish('refused', { status: 200, reason: 'hung up during the whisper' });
  if (through !== 'ready') return finish(through);
  const throughAt = planned.buyer.whisper === undefined ? record.answeredAt : call.now();
  return { planned, leg, endpoint, record, lease, throughAt, release };
}

function begin(call: Call, floor: Floor, planned: PlannedAttempt, bid: number | null): Record {
  const { buyer, trunk, route } = planned;
  const at = call.now();
  const line = {
    buyer: buyer.id,
    trunk: trunk.id,
    dial: buyer.dial,
    priority: route.priority,
    ...(bid !== null && { bid: formatMoney(BigInt(bid)) }),
  };
  call.state = 'ringing';
  call.buyer = buyer.id;
  floor.journal.append({ type: 'attempted', at, call: call.id, attempt: line });
  floor.events.attemptStarted(call.id, line);
  return {
    startedAt: at,
    ringingAt: null,
    answeredAt: null,
    acknowledgedAt: null,
    byeAt: null,
    endedAt: at,
    sipCallId: null,
    result: 'cancelled',
    status: null,
    reason: null,
    // Last, as in the record of a call.
    ...line,
  };
}

async function ring(
  call: Call,
  dialling: Dialling,
  budget: Budget,
  silence: Silence,
): Promise<DialOutcome | 'elapsed' | 'silent' | 'lost' | 'over'> {
  const timer = call.scope.timer(budget.ring);
  try {
    const first = Promise.race([dialling.outcome, timer.elapsed, silence.lasted, budget.lost]);
    return (await call.unlessOver(first)) ?? 'over';
  } finally {
    silence.broken();
    void timer.release();
  }
}

const seconds = ({ silentAfter }: PlannedAttempt['trunk']): number => silentAfter / 1_000;

/** A cancelled attempt lives on until its final answer: a 200 that crosses gets its BYE. */
async function letGo(dialling: Dialling): Promise<void> {
  dialling.cancel();
  const outcome = await dialling.outcome;
  if (outcome.kind === 'answered') await outcome.leg.hangup();
}

/** A trunk that is overloaded says for how long (RFC 3261 21.5.4): others go elsewhere meanwhile. */
function rest(floor: Floor, { trunk }: PlannedAttempt, outcome: DialOutcome): void {
  if (outcome.kind !== 'refused' || outcome.status !== 503 || outcome.retryAfter === null) return;
  floor.trunks.holdOff(trunk.id, outcome.retryAfter, floor.now());
  floor.events.trunkRests(trunk.id, outcome.retryAfter);
}

function failure(
  outcome: Exclude<DialOutcome, { kind: 'answered' }>,
  rang: boolean,
): [result: Result, answer?: { status: number; reason: string }] {
  if (outcome.kind === 'failed') {
    return [outcome.reason !== 'timeout' ? 'unreachable' : rang ? 'no_answer' : 'no_response'];
  }
  const { status, reason } = outcome;
  const busy = status === 486 || status === 600;
  return [
    busy ? 'busy' : status === 488 || status === 606 ? 'no_common_codec' : 'refused',
    { status, reason },
  ];
}

/** Where nothing of ours must come first, and the SDP may bind the caller to this buyer (RFC 3261 13.2.1). */
function passesEarlyMedia({ buyer }: PlannedAttempt, endpoint: Endpoint | null, budget: Budget): boolean {
  return budget.passesEarlyMedia && buyer.whisper === undefined && (endpoint !== null || budget.isLast);
}

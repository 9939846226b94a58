/**
 * A killed switch leaves calls in the journal that were offered and never ended. Its next start ends them, at their
 * last sign of life, by what the journal knows: one that was connected is settled for the time it surely lasted.
 */
import type { AttemptRecord, CallIdentity, CallRecord, JournalEvent, PlannedLine } from './events.ts';
import type { Journal } from './journal/journal.ts';

/** Call before new calls are taken. Returns the records that were written, durable. */
export async function closeLostCalls(journal: Journal, now: number): Promise<readonly CallRecord[]> {
  const lost = await findLostCalls(journal);
  const records = lost.map((call) => recordOf(call));
  for (const record of records) journal.append({ type: 'ended', at: now, record });
  await journal.flushed();
  return records;
}

interface LostCall {
  readonly identity: CallIdentity;
  readonly startedAt: number;
  readonly sipCallId: string | null;
  answeredAt: number | null;
  routed: Extract<JournalEvent, { type: 'routed' }> | null;
  readonly attempts: Attempt[];
  lastSign: number;
}

interface Attempt {
  readonly at: number;
  readonly line: PlannedLine;
  connectedAt: number | null;
  /** When another buyer was tried after all: this one had hung up early. */
  leftAt: number | null;
  media: 'direct' | 'anchored' | null;
}

async function findLostCalls(journal: Journal): Promise<readonly LostCall[]> {
  const open = new Map<string, LostCall>();
  const reader = journal.reader(0);
  for (let batch = await reader.next(1000); batch.entries.length > 0; batch = await reader.next(1000))
    for (const { event } of batch.entries) follow(open, event);
  return [...open.values()];
}

function follow(open: Map<string, LostCall>, event: JournalEvent): void {
  switch (event.type) {
    case 'terms':
    case 'table':
    case 'media':
      return;
    case 'offered': {
      const { type: _, at, sipCallId = null, ...identity } = event;
      const call = {
        identity,
        startedAt: at,
        sipCallId,
        lastSign: at,
        answeredAt: null,
        routed: null,
        attempts: [],
      };
      open.set(event.call, call);
      return;
    }
    case 'alive':
      for (const id of event.calls) seen(open.get(id), event.at);
      return;
    case 'ended':
      open.delete(event.record.call);
      return;
    case 'answered':
    case 'routed':
    case 'attempted':
    case 'connected':
      note(open.get(event.call), event);
  }
}

type CallEvent = Extract<JournalEvent, { type: 'answered' | 'routed' | 'attempted' | 'connected' }>;

function note(call: LostCall | undefined, event: CallEvent): void {
  if (!call) return;
  seen(call, event.at);
  if (event.type === 'answered') call.answeredAt = event.at;
  if (event.type === 'routed') call.routed = event;
  if (event.type === 'attempted') {
    // Nobody is dialled while caller and buyer talk: the members of a ring group were all tried before one was through.
    const through = throughTo(call);
    if (through) through.leftAt = event.at;
    call.attempts.push({ at: event.at, line: event.attempt, connectedAt: null, leftAt: null, media: null });
  }
  if (event.type !== 'connected') return;
  const one = call.attempts.findLast(({ line }) => line.buyer === event.buyer);
  if (!one) return;
  one.connectedAt = event.at;
  one.media = event.media ?? null;
}

/** The attempt by which the caller is through to a buyer. */
function throughTo({ attempts }: LostCall): Attempt | null {
  return attempts.findLast(({ connectedAt, leftAt }) => connectedAt !== null && leftAt === null) ?? null;
}

function seen(call: LostCall | undefined, at: number): void {
  if (call) call.lastSign = Math.max(call.lastSign, at);
}

function recordOf(call: LostCall): CallRecord {
  const { identity, attempts, routed, lastSign } = call;
  const connected = throughTo(call);
  return {
    ...identity,
    attributes: routed?.attributes ?? identity.attributes,
    startedAt: call.startedAt,
    ringingAt: null,
    answeredAt: answeredAt(call),
    acknowledgedAt: null,
    connectedAt: connected?.connectedAt ?? null,
    byeAt: null,
    endedAt: lastSign,
    sipCallId: call.sipCallId,
    codec: null,
    outcome: connected ? 'connected' : 'failed',
    cause: 'switch_lost',
    hungUpBy: 'switch',
    attempts: attempts.map((attempt, index) => attemptOf(attempt, attempts[index + 1]?.at ?? null, lastSign)),
    buyer: connected?.line.buyer ?? null,
    plan: routed?.plan ?? [],
    leftOut: routed?.leftOut ?? [],
    media: mediaOf(call),
    recording: null,
  };
}

/** Where the first buyer's answer was passed on to the caller, both were answered at once. */
function answeredAt({ answeredAt, attempts }: LostCall): number | null {
  return answeredAt ?? attempts.find(({ connectedAt }) => connectedAt !== null)?.connectedAt ?? null;
}

/**
 * A buyer's that was answered ended when another was tried after it, or with the switch; any other at the latest when
 * the next one began.
 */
function attemptOf(
  { at, line, connectedAt, leftAt }: Attempt,
  next: number | null,
  lastSign: number,
): AttemptRecord {
  const connected = connectedAt !== null;
  return {
    ...line,
    startedAt: at,
    ringingAt: null,
    answeredAt: connectedAt,
    acknowledgedAt: null,
    byeAt: null,
    sipCallId: null,
    endedAt: (connected ? leftAt : next) ?? lastSign,
    result: !connected ? 'cancelled' : leftAt === null ? 'answered' : 'early_hangup',
    status: null,
    reason: connected ? null : 'switch_lost',
  };
}

/** As the connection was made. Else a switch that answered by itself spoke to the caller, so it had media in hand. */
function mediaOf(call: LostCall): CallRecord['media'] {
  const made = call.attempts.findLast(({ media }) => media !== null)?.media;
  if (made) return made;
  if (call.answeredAt !== null) return 'anchored';
  return call.attempts.some(({ connectedAt }) => connectedAt !== null) ? 'direct' : 'none';
}

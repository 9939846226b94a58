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
  if (event.type === 'attempted')
    call.attempts.push({ at: event.at, line: event.attempt, connectedAt: null, media: null });
  const last = call.attempts.at(-1);
  if (event.type !== 'connected' || !last) return;
  last.connectedAt = event.at;
  last.media = event.media ?? null;
}

function seen(call: LostCall | undefined, at: number): void {
  if (call) call.lastSign = Math.max(call.lastSign, at);
}

function recordOf(call: LostCall): CallRecord {
  const { identity, attempts, routed, lastSign } = call;
  // Another attempt after a connection says that the buyer had hung up early: only the last one can have lasted.
  const last = attempts.at(-1);
  const connected = last && last.connectedAt !== null ? last : null;
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

/** An attempt ended when the next one began, the last one with the switch. */
function attemptOf({ at, line, connectedAt }: Attempt, next: number | null, lastSign: number): AttemptRecord {
  const connected = connectedAt !== null;
  return {
    ...line,
    startedAt: at,
    ringingAt: null,
    answeredAt: connectedAt,
    acknowledgedAt: null,
    byeAt: null,
    sipCallId: null,
    endedAt: next ?? lastSign,
    result: !connected ? 'cancelled' : next === null ? 'answered' : 'early_hangup',
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

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
  answeredAt: number | null;
  connected: { readonly at: number; readonly buyer: string } | null;
  routed: Extract<JournalEvent, { type: 'routed' }> | null;
  readonly attempted: { readonly at: number; readonly attempt: PlannedLine }[];
  lastSign: number;
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
    case 'table':
      return;
    case 'offered': {
      const { type: _, at, ...identity } = event;
      const call = {
        identity,
        startedAt: at,
        lastSign: at,
        answeredAt: null,
        connected: null,
        routed: null,
        attempted: [],
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
  if (event.type === 'attempted') call.attempted.push(event);
  if (event.type === 'connected') call.connected = event;
}

function seen(call: LostCall | undefined, at: number): void {
  if (call) call.lastSign = Math.max(call.lastSign, at);
}

function recordOf(call: LostCall): CallRecord {
  const { identity, connected, routed, lastSign } = call;
  return {
    ...identity,
    attributes: routed?.attributes ?? identity.attributes,
    startedAt: call.startedAt,
    // Where the buyer's answer was passed on to the caller, both were answered at once.
    answeredAt: call.answeredAt ?? connected?.at ?? null,
    connectedAt: connected?.at ?? null,
    endedAt: lastSign,
    outcome: connected ? 'connected' : 'failed',
    cause: 'switch_lost',
    hungUpBy: 'switch',
    attempts: call.attempted.map((_, index) => attemptOf(call, index)),
    buyer: connected?.buyer ?? null,
    plan: routed?.plan ?? [],
    leftOut: routed?.leftOut ?? [],
    media: mediaOf(call),
    recording: null,
  };
}

/** An attempt ended when the next one began; of the last one we know whether its buyer was connected. */
function attemptOf(call: LostCall, index: number): AttemptRecord {
  const { at = call.startedAt, attempt } = call.attempted[index] ?? {};
  const next = call.attempted[index + 1];
  if (!attempt) throw new RangeError(`call ${call.identity.call} has no attempt ${index}`);
  const answered = !next && call.connected?.buyer === attempt.buyer;
  return {
    ...attempt,
    startedAt: at,
    ringingAt: null,
    answeredAt: answered ? (call.connected?.at ?? null) : null,
    endedAt: next?.at ?? call.lastSign,
    result: answered ? 'answered' : 'cancelled',
    status: null,
    reason: answered ? null : 'switch_lost',
  };
}

/** A switch that answered by itself spoke to the caller, so it had media in hand. */
function mediaOf(call: LostCall): CallRecord['media'] {
  if (call.answeredAt !== null) return 'anchored';
  return call.connected ? 'direct' : 'none';
}

import type { CallRecord, Outcome } from '../records/events.ts';
import type { Call, Ending } from './call.ts';

/** The CDR of a call that has ended. */
export function recordOf(call: Call, ending: Ending): CallRecord {
  return {
    ...call.identity,
    attributes: call.attributes,
    startedAt: call.startedAt,
    answeredAt: call.answeredAt,
    connectedAt: call.connectedAt,
    endedAt: ending.at,
    outcome: outcomeOf(call, ending),
    cause: ending.cause,
    hungUpBy: ending.by,
    attempts: call.attempts,
    buyer: call.connectedTo?.buyer.id ?? null,
    plan: call.plan,
    leftOut: call.leftOut,
    media: call.media,
    recording: call.recording,
  };
}

function outcomeOf(call: Call, { cause, by }: Ending): Outcome {
  if (call.connectedAt !== null) return 'connected';
  if (cause === 'no_buyer') return 'no_buyer';
  if (cause === 'blocked_caller' || cause === 'repeat_caller') return 'rejected';
  return by === 'caller' ? 'abandoned' : cause === 'menu_hangup' ? 'abandoned' : 'failed';
}

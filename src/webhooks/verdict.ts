/** What becomes of a delivery after an attempt, by the answer. Pure. */
import type { Verdict } from '../records/outbox/finish.ts';
import type { Answer } from './post.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** From one attempt to the next: 23 h 42 min in all, then it is dead. */
export const pauses: readonly number[] = [
  ...[5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute],
  ...[hour, 2 * hour, 4 * hour, 8 * hour, 8 * hour],
];

/** `attempts`: how many were made, this one among them. `dice`: from 0 to 1. */
export function verdictOn(answer: Answer, attempts: number, dice: number): Verdict {
  if (answer.kind === 'none') return failed(answer.why, attempts, dice, 0);
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone', error: 'status 410' };
  return failed(`status ${status}`, attempts, dice, Math.min(retryAfterMs ?? 0, hour));
}

/** A fifth more or less: what failed together does not come back together. */
function failed(error: string, attempts: number, dice: number, least: number): Verdict {
  const pause = pauses[attempts - 1];
  if (pause === undefined) return { kind: 'failed', error, againInMs: null };
  return { kind: 'failed', error, againInMs: Math.round(Math.max(least, pause) * (0.8 + 0.4 * dice)) };
}

/** What an attempt says of the trunk that it went by: of the trunk, not of the buyer behind it. */
import type { DialOutcome } from '../../signalling/signalling.ts';
import type { Verdict } from './breaker.ts';

/**
 * Server failures (RFC 3261 21.5) and 408 (21.4.9) count; but not those that find fault with the request itself: a
 * method, version, size or extension that is not supported, a precondition. All other answers, 404, 480, 486 and 603
 * among them, come from somebody who is there.
 */
export function isTrunkFailure(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600 && !ofTheRequest.has(status));
}

const ofTheRequest: ReadonlySet<number> = new Set([501, 505, 513, 555, 580]);

/** `rang`: something above 100 came before the end. `deaf`: a switch that has more to do than it can loses packets by itself. */
export function verdictOn(
  outcome: DialOutcome | 'elapsed' | 'silent' | 'lost' | 'over',
  rang: boolean,
  deaf: boolean,
): Verdict {
  const noAnswer: Verdict = rang ? { kind: 'worked' } : { kind: 'silent', deaf };
  switch (outcome) {
    case 'silent':
    case 'elapsed':
      return noAnswer;
    case 'lost':
    case 'over':
      return rang ? { kind: 'worked' } : { kind: 'unknown' };
  }
  switch (outcome.kind) {
    case 'answered':
      return { kind: 'works' };
    case 'refused': {
      const { status, reason } = outcome;
      if (!isTrunkFailure(status)) return { kind: 'works' };
      return { kind: 'failed', how: `got ${status} ${reason}`.trimEnd() };
    }
    case 'failed':
      if (outcome.reason === 'link') return { kind: 'unknown' };
      if (outcome.reason === 'transport') return { kind: 'failed', how: 'could not be sent' };
      // A 408 after ringing is the buyer's who does not answer.
      return noAnswer;
  }
}

import type { Carrier } from '../config/config.ts';

/** Seconds after which a carrier may try again; short, for limits pass with the next hang-up. */
const retryAfter = { 'Retry-After': '5' } as const;

/** Answers that may carry Retry-After (RFC 3261 20.33). */
const mayAskToWait: ReadonlySet<number> = new Set([404, 413, 480, 486, 500, 503, 600, 603]);

/** Not now: what this carrier is to be told, in place of 503 where that would cost us more than this call. */
export function turnAway({ refuseWith }: Carrier): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  return { status: refuseWith, headers: mayAskToWait.has(refuseWith) ? retryAfter : {} };
}

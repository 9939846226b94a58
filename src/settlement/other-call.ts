/** The call that makes another one a duplicate: which it is, and how far from it. */
import { formatSpan } from '../conditions/duration.ts';

export interface OtherCall {
  readonly call: string;
  /** How long before this one it was, milliseconds; below 0 where it was later. */
  readonly before: number;
}

/** Whoever looks for it comes to the same one: the nearest, of two as near the earlier, of two at once the lesser id. */
export function nearer(one: OtherCall | null, other: OtherCall | null): OtherCall | null {
  if (one === null || other === null) return one ?? other;
  const further = Math.abs(one.before) - Math.abs(other.before) || other.before - one.before;
  if (further !== 0) return further < 0 ? one : other;
  return one.call < other.call ? one : other;
}

/** `call 0198…, 3 days before`. */
export function inWords({ call, before }: OtherCall): string {
  if (before === 0) return `call ${call}, at the same moment`;
  return `call ${call}, ${formatSpan(Math.abs(before))} ${before > 0 ? 'before' : 'after'}`;
}

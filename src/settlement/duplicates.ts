/** Who was billed and paid for which caller, as far as it is told: what makes other calls of theirs duplicates. */
import { nearer, type OtherCall } from './other-call.ts';
import { duplicateWindows, type Facts, type Past, type Settlement } from './settle.ts';
import type { TermsBook } from './terms.ts';

/** What of a call its duplicates are looked for by; times in milliseconds since the epoch. */
export interface CallOfACaller extends Pick<Facts, 'buyer' | 'campaign' | 'publisher'> {
  readonly call: string;
  /** Null where the number was withheld: nobody's duplicate. */
  readonly from: string | null;
  readonly startedAt: number;
  readonly connectedAt: number | null;
}

/** Of a call that was never connected, its start. */
export const instantOf = (call: Pick<CallOfACaller, 'connectedAt' | 'startedAt'>): number =>
  call.connectedAt ?? call.startedAt;

export class Duplicates {
  /** By the caller and who paid. */
  readonly #billed = new Map<string, Told[]>();
  readonly #paid = new Map<string, Told[]>();

  add(call: CallOfACaller, { revenue, payout }: Pick<Settlement, 'revenue' | 'payout'>): void {
    if (call.from === null) return;
    const told = { call: call.call, at: instantOf(call) };
    if (revenue > 0n && call.buyer !== null) note(this.#billed, `${call.from} ${call.buyer}`, told);
    if (payout > 0n) note(this.#paid, `${call.from} ${call.campaign}`, told);
  }

  of(call: CallOfACaller, book: TermsBook): Pick<Past, 'billed' | 'paid'> {
    const { billable, payable } = duplicateWindows(call, book);
    const at = instantOf(call);
    return {
      billed: nearest(this.#billed.get(`${call.from} ${call.buyer}`), at, billable),
      paid: nearest(this.#paid.get(`${call.from} ${call.campaign}`), at, payable),
    };
  }
}

interface Told {
  readonly call: string;
  readonly at: number;
}

function note(calls: Map<string, Told[]>, key: string, told: Told): void {
  const held = calls.get(key);
  if (held) held.push(told);
  else calls.set(key, [told]);
}

function nearest(calls: readonly Told[] = [], at: number, within: number | null): OtherCall | null {
  if (within === null) return null;
  let found: OtherCall | null = null;
  for (const other of calls)
    if (Math.abs(other.at - at) < within) found = nearer(found, { call: other.call, before: at - other.at });
  return found;
}

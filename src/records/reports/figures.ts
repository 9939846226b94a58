/** The figures of a line of a report, from what its calls add up to. */
import { formatMoney, toMinorUnit } from '../../settlement/money.ts';

/** Money in micro-units. */
export interface Tally {
  /** Null where the terms of the calls are not known, so that they moved no money. */
  readonly currency: string | null;
  readonly calls: bigint;
  readonly connected: bigint;
  readonly converted: bigint;
  readonly connected_ms: bigint;
  readonly revenue: bigint;
  readonly payout: bigint;
}

/** Money is decimal text. */
export interface Figures {
  readonly currency: string | null;
  readonly calls: number;
  readonly connected: number;
  readonly converted: number;
  readonly revenue: string;
  readonly payout: string;
  readonly margin: string;
  /** Answer-seizure ratio: connected of all calls, 0 to 1. */
  readonly asr: number | null;
  /** Average call duration: mean seconds of the connected calls; null where there were none. */
  readonly acd: number | null;
  /** Of every call, connected or not; rounded half to even to the minor unit. */
  readonly revenue_per_call: string;
}

export function addUp(sum: Tally | undefined, more: Tally): Tally {
  const plus = (key: 'calls' | 'connected' | 'converted' | 'connected_ms' | 'revenue' | 'payout') =>
    (sum?.[key] ?? 0n) + more[key];
  return {
    currency: more.currency,
    calls: plus('calls'),
    connected: plus('connected'),
    converted: plus('converted'),
    connected_ms: plus('connected_ms'),
    revenue: plus('revenue'),
    payout: plus('payout'),
  };
}

/** A tally is of one call at least. */
export function figuresOf(tally: Tally, digits: number): Figures {
  const money = (amount: bigint) => formatMoney(amount, digits);
  const { currency, calls, connected, converted, connected_ms, revenue, payout } = tally;
  return {
    currency,
    calls: Number(calls),
    connected: Number(connected),
    converted: Number(converted),
    revenue: money(revenue),
    payout: money(payout),
    margin: money(revenue - payout),
    asr: calls === 0n ? null : rounded(Number(connected) / Number(calls), 4),
    acd: connected === 0n ? null : rounded(Number(connected_ms) / Number(connected) / 1000, 3),
    revenue_per_call: money(calls === 0n ? 0n : toMinorUnit(revenue, calls, digits, 'half_even')),
  };
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

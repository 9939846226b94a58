/** Time as it is billed: in whole increments, each stretch of it at its own rate. */
import { toMinorUnit, type Money } from './money.ts';
import type { ByTime, Pays } from './terms.ts';

type PaysByRate = Extract<Pays, { readonly kind: 'per_minute' | 'rates' }>;

/** So many milliseconds at so much a minute. */
export interface Stretch {
  readonly ms: number;
  readonly rate: Money;
}

/** Rounded up to the first increment and, beyond it, by whole further ones. No time is not billed. */
export function billed(ms: number, { first, then }: Pick<ByTime, 'first' | 'then'>): number {
  if (ms <= 0) return 0;
  return ms <= first ? first : first + Math.ceil((ms - first) / then) * then;
}

/** The billed time, cut where the rate changes; none of them empty. */
export function stretches(pays: PaysByRate, ms: number): readonly Stretch[] {
  const time = billed(ms, pays);
  const tiers = pays.kind === 'rates' ? pays.tiers : [{ from: 0, rate: pays.rate }];
  return tiers.flatMap(({ from, rate }, index) => {
    const until = Math.min(time, tiers[index + 1]?.from ?? time);
    return until > from ? [{ ms: until - from, rate }] : [];
  });
}

/** Added exactly, rounded once. */
export function amountOfTime(pays: PaysByRate, ms: number, minorDigits: number): Money {
  const exact = stretches(pays, ms).reduce((sum, stretch) => sum + stretch.rate * BigInt(stretch.ms), 0n);
  return toMinorUnit(exact, minuteMs, minorDigits, pays.round);
}

const minuteMs = 60_000n;

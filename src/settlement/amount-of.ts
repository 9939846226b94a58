/** What a rule that holds pays, and what it asks for, besides its conditions, in order to hold. */
import type { Condition } from '../conditions/condition.ts';
import { amountOfTime } from './billed-time.ts';
import { share, type Money } from './money.ts';
import { reportedAttribute, type Reported } from './reported.ts';
import type { Clock, Pays } from './terms.ts';

/** What amounts depend on. */
export interface Measured {
  /** Milliseconds; null where caller and buyer were never through to each other. */
  readonly connectedMs: number | null;
  readonly inboundMs: number;
  readonly reported: Reported;
  /** What a share is of. */
  readonly revenue: Money;
}

/** Of a rule that holds: one that is paid by time there was none of, or by what nobody reported, comes to 0. */
export function amountOf(pays: Pays, measured: Measured, minorDigits: number): Money {
  switch (pays.kind) {
    case 'flat':
      return share(pays.amount, 1_000_000, minorDigits);
    case 'share':
      return share(measured.revenue, pays.ppm, minorDigits, pays.round);
    case 'per_minute':
    case 'rates':
      return amountOfTime(pays, clockOf(pays.of, measured), minorDigits);
    case 'tiers':
      return share(tierReached(pays, clockOf(pays.of, measured))?.amount ?? 0n, 1_000_000, minorDigits);
    case 'reported':
      return share(measured.reported.get(pays.name) ?? 0n, pays.ppm, minorDigits, pays.round);
  }
}

/** The highest, by the clock itself: tiers know no increments. */
export function tierReached(
  { tiers }: Extract<Pays, { kind: 'tiers' }>,
  ms: number,
): { readonly from: number; readonly amount: Money } | undefined {
  return ms > 0 ? tiers.findLast(({ from }) => ms >= from) : undefined;
}

/**
 * The conditions that lie in the kind of pay itself: time to pay for, a first tier reached, a report made. A report must
 * also name an amount, which no condition can ask for: `hasAmount` tells.
 */
export function asksFor(pays: Pays): readonly Condition[] {
  switch (pays.kind) {
    case 'flat':
    case 'share':
      return [];
    case 'per_minute':
    case 'rates':
      return [{ kind: 'compare', attribute: pays.of, operator: '>', value: 0 }];
    case 'tiers': {
      const from = pays.tiers[0]?.from ?? 0;
      return from > 0
        ? [{ kind: 'compare', attribute: pays.of, operator: '>=', value: from }]
        : [{ kind: 'compare', attribute: pays.of, operator: '>', value: 0 }];
    }
    case 'reported':
      return [{ kind: 'is', attribute: reportedAttribute(pays.name), values: ['yes'] }];
  }
}

/** False where a rule would pay what was reported, and the report named no amount. */
export function hasAmount(pays: Pays, reported: Reported): boolean {
  return pays.kind !== 'reported' || reported.get(pays.name) !== null;
}

const clockOf = (clock: Clock, { connectedMs, inboundMs }: Measured): number =>
  clock === 'connected' ? (connectedMs ?? 0) : inboundMs;

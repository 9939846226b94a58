import type { BuyerQuarter, CallerHistory } from '../records/remembered.ts';
import type { Tally } from './tally.ts';

/** Fills the tally from the records, so that no restart forgets a cap or a caller. */
export function remember(
  tally: Tally,
  buyers: readonly BuyerQuarter[],
  callers: readonly CallerHistory[],
): void {
  for (const { buyer, at, attempted, connected, converted, revenue } of buyers) {
    const counts = { attempted, connected, converted, revenue: Number(revenue) };
    for (const [count, amount] of Object.entries(counts) as [keyof typeof counts, number][]) {
      if (amount > 0) tally.count({ buyer, count, amount, at });
    }
  }
  for (const { caller, campaign, buyer, attemptedAt, connectedAt, convertedAt } of callers) {
    const times = { attempted: attemptedAt, connected: connectedAt, converted: convertedAt };
    for (const [seen, at] of Object.entries(times) as [keyof typeof times, number | null][]) {
      if (at !== null) tally.see({ caller, campaign, buyer, seen, at });
    }
  }
}

import type { CallSeen, PayoutsSeen } from './switch.ts';

/** Who owes whom, in the currency's minor unit; a buyer or publisher to whom nothing is owed is not named. */
export interface Totals {
  revenue: Record<string, number>;
  payout: Record<string, number>;
  margin: number;
}

/** As the records of the calls say it, added up here. */
export function recordTotals(calls: readonly CallSeen[]): Totals {
  const totals: Totals = { revenue: {}, payout: {}, margin: 0 };
  for (const call of calls) {
    add(totals.revenue, call.buyer ?? 'nobody', minor(call.revenue));
    add(totals.payout, call.publisher, minor(call.payout));
    totals.margin += minor(call.margin);
  }
  return totals;
}

/** As the ledger says it. */
export function ledgerTotals({ currencies }: PayoutsSeen): Totals {
  const totals: Totals = { revenue: {}, payout: {}, margin: 0 };
  for (const { buyers, publishers, margin } of currencies) {
    for (const { buyer, revenue } of buyers) add(totals.revenue, buyer, minor(revenue));
    for (const { publisher, payout } of publishers) add(totals.payout, publisher, minor(payout));
    totals.margin += minor(margin);
  }
  return totals;
}

function add(sums: Record<string, number>, key: string, amount: number): void {
  if (amount !== 0) sums[key] = (sums[key] ?? 0) + amount;
}

function minor(decimal: string): number {
  const [, sign, whole, part] = /^(-?)(\d+)\.(\d{2})$/.exec(decimal) ?? [];
  if (whole === undefined || part === undefined)
    throw new Error(`not an amount of dollars and cents: ${decimal}`);
  return Number(`${sign ?? ''}${whole}${part}`);
}

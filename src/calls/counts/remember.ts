import type { CallerHistory, Quarter } from '../../records/remembered.ts';
import type { CapCount, Subject } from '../../routing/network.ts';
import type { Performance } from './performance.ts';
import type { Tally } from './tally.ts';

/** Fills the counters from the records, so that no restart forgets a cap, a caller or what a buyer brought. */
export function remember(
  into: { readonly tally: Tally; readonly performance?: Performance },
  quarters: readonly Quarter[],
  callers: readonly CallerHistory[],
): void {
  const { tally, performance } = into;
  for (const quarter of quarters) {
    const { campaign, buyer, at } = quarter;
    const { subjects, counts } = countsOf(quarter);
    for (const [count, amount] of counts) tally.count(subjects, count, amount, at);
    if (quarter.lastAttemptAt !== null) tally.rememberOffered(buyer, quarter.lastAttemptAt);
    performance?.add(campaign, buyer, { attempts: quarter.attempted, revenue: Number(quarter.revenue) }, at);
  }
  for (const { caller, campaign, buyer, attemptedAt, connectedAt, convertedAt } of callers) {
    const times = { attempted: attemptedAt, connected: connectedAt, converted: convertedAt };
    for (const [seen, at] of Object.entries(times) as [keyof typeof times, number | null][]) {
      if (at !== null) tally.see({ caller, campaign, buyer, seen, at });
    }
  }
}

/** What is counted of a quarter of an hour, and on whom. */
export function countsOf(quarter: Quarter): {
  readonly subjects: readonly Subject[];
  readonly counts: readonly (readonly [CapCount, number])[];
} {
  const { campaign, publisher, buyer, trunk, attempted, connected, converted } = quarter;
  const counts: readonly (readonly [CapCount, number])[] = [
    ['attempted', attempted],
    ['connected', connected],
    ['converted', converted],
    ['revenue', Number(quarter.revenue)],
  ];
  return {
    subjects: [
      `buyer:${buyer}`,
      `route:${campaign}/${buyer}`,
      `campaign:${campaign}`,
      `publisher:${publisher}`,
      `trunk:${trunk}`,
    ],
    counts: counts.filter(([, amount]) => amount !== 0),
  };
}

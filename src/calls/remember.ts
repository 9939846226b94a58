import type { CallerHistory, Quarter } from '../records/remembered.ts';
import type { Subject } from '../routing/network.ts';
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
    const { campaign, publisher, buyer, trunk, at } = quarter;
    const subjects: readonly Subject[] = [
      `buyer:${buyer}`,
      `route:${campaign}/${buyer}`,
      `campaign:${campaign}`,
      `publisher:${publisher}`,
      `trunk:${trunk}`,
    ];
    const revenue = Number(quarter.revenue);
    for (const count of ['attempted', 'connected', 'converted'] as const) {
      if (quarter[count] > 0) tally.count(subjects, count, quarter[count], at);
    }
    if (revenue !== 0) tally.count(subjects, 'revenue', revenue, at);
    if (quarter.lastAttemptAt !== null) tally.offered(buyer, quarter.lastAttemptAt);
    performance?.add(campaign, buyer, { attempts: quarter.attempted, revenue }, at);
  }
  for (const { caller, campaign, buyer, attemptedAt, connectedAt, convertedAt } of callers) {
    const times = { attempted: attemptedAt, connected: connectedAt, converted: convertedAt };
    for (const [seen, at] of Object.entries(times) as [keyof typeof times, number | null][]) {
      if (at !== null) tally.see({ caller, campaign, buyer, seen, at });
    }
  }
}

/** When the search for a buyer ends before the plan does. */
import type { Campaign, Failover } from './network.ts';
import type { PlannedAttempt } from './plan.ts';

/**
 * Whether no other buyer is tried after this answer, as the route says; else its trunk; else the campaign. A 408 is how
 * silence is recorded, our own time-out among it, and never ends the search.
 */
export function endsSearch(
  { route, trunk }: Pick<PlannedAttempt, 'route' | 'trunk'>,
  campaign: Campaign,
  status: number | null,
): boolean {
  if (status === null || status === 408) return false;
  const { stop }: Failover = route.failover ?? trunk.failover ?? campaign.routing.failover;
  return stop.includes(status) || stop.includes(Math.floor(status / 100));
}

/** What calls hold, and how much of the limits they use. */
import type { Registry } from 'prom-client';
import { capsUsed, slotsHeld, type LimitsWatched } from '../calls/shown/limits-used.ts';
import type { Registry as Calls } from '../calls/registry.ts';
import type { Books, Kind } from '../calls/scope.ts';
import { metricsIn } from './metrics.ts';

export interface CallsWatched {
  readonly calls: Pick<Calls, 'size'>;
  readonly books: Pick<Books, 'held'>;
  readonly floor: LimitsWatched;
  readonly trace: { size(): { calls: number; characters: number } };
}

const kinds: Readonly<Record<Kind, string>> = {
  leg: 'SIP legs that calls hold, dialling ones among them',
  endpoint: 'Media endpoints that calls hold',
  lease: "Slots held on buyers' concurrency and caps",
  timer: 'Timers that calls hold',
};

export function callGauges(metrics: Registry, { calls, books, floor, trace }: CallsWatched): void {
  const { read: gauge, readEach } = metricsIn(metrics);
  gauge('live_calls', 'Calls from their INVITE to their record', () => calls.size);
  for (const [kind, help] of Object.entries(kinds) as [Kind, string][]) {
    gauge(`live_${kind}s`, help, () => books.held(kind));
  }
  readEach('buyer_live_calls', 'Calls that hold one of its slots', ['buyer'], () => slotsHeld(floor));
  readEach('buyer_cap_used_ratio', 'Of the limit of a cap, how much is used', ['buyer', 'count', 'per'], () =>
    capsUsed(floor),
  );
  gauge('traced_calls', 'Calls whose SIP is kept, those turned away among them', () => trace.size().calls);
  gauge('traced_bytes', 'Size of the SIP that is kept', () => trace.size().characters);
}

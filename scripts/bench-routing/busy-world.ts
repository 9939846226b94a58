/** The switch's own counters, filled with the past: what a decision asks of the world costs what it costs on the call path. */
import { Leases } from '../../src/calls/counts/leases.ts';
import { Performance } from '../../src/calls/counts/performance.ts';
import { Tally } from '../../src/calls/counts/tally.ts';
import { Trunks } from '../../src/calls/trunks/trunks.ts';
import { UsageBook } from '../../src/calls/counts/usage.ts';
import { worldOf } from '../../src/calls/world.ts';
import type { Network, Subject } from '../../src/routing/network.ts';
import type { World } from '../../src/routing/plan.ts';
import type { Past } from './made-up-past.ts';
import { noon } from './made-up-network.ts';
import { seeded } from './random.ts';

/** Calls come 500 a second. */
export const betweenCalls = 2;

export interface BusyWorld {
  /** The world of the next call, a moment after that of the one before. */
  next(): World;
  /** Back to the instant of the first call. */
  rewind(): void;
}

export function busyWorld(network: Network, past: Past): BusyWorld {
  const usages = new UsageBook((subject) => zoneOf(network, subject));
  const tally = new Tally(usages);
  const leases = new Leases(usages);
  const trunks = new Trunks(
    { probe: () => Promise.resolve('up') },
    { trunkChanged: () => undefined, trunkBreaker: () => undefined },
  );
  trunks.watch(network.trunks.values());
  const { dice } = seeded(13);
  let now = noon;

  for (const { subject, count, amount } of past.counted) tally.count([subject], count, amount, noon);
  for (const { call, buyer, subjects, connected } of past.leases) {
    const lease = leases.take({ call, buyer, subjects, worth: 0 }, () => null);
    if (connected && 'connected' in lease) lease.connected();
  }
  for (const { buyer, at } of past.offered) tally.offered(buyer, at);
  for (const one of past.seen) tally.see({ ...one, seen: 'connected' });
  for (const trunk of past.restingTrunks) trunks.holdOff(trunk, 300, noon);

  const floor = { usages, tally, trunks, performance: new Performance(0), now: () => now, dice };
  const noBids = new Map<string, never>();
  return {
    next: () => {
      now += betweenCalls;
      return worldOf(floor, noBids);
    },
    rewind: () => {
      now = noon;
    },
  };
}

function zoneOf({ buyers, timezone }: Network, subject: Subject): string {
  const name = subject.slice(subject.indexOf(':') + 1);
  const buyer = subject.startsWith('buyer:') ? name : name.slice(name.indexOf('/') + 1);
  return buyers.get(buyer)?.timezone ?? timezone;
}

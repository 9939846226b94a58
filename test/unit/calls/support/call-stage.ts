/** A floor for calls over fake ports: what happens outside happens when the scheduler says so. */
import type { Scheduler } from 'fast-check';
import { Registry as Metrics } from 'prom-client';
import { Carriers } from '../../../../src/calls/carriers.ts';
import type { Floor } from '../../../../src/calls/floor.ts';
import { Leases } from '../../../../src/calls/counts/leases.ts';
import { Overload } from '../../../../src/calls/overload.ts';
import { Performance } from '../../../../src/calls/counts/performance.ts';
import { Registry } from '../../../../src/calls/registry.ts';
import { Books } from '../../../../src/calls/scope.ts';
import { Settlements } from '../../../../src/calls/settlements.ts';
import { Tally } from '../../../../src/calls/counts/tally.ts';
import { Trunks } from '../../../../src/calls/trunks/trunks.ts';
import { UsageBook } from '../../../../src/calls/counts/usage.ts';
import { createEvents } from '../../../../src/events.ts';
import type { JournalEvent } from '../../../../src/records/events.ts';
import { compile } from '../../../../src/routing/table.ts';
import { FakeMedia, FakeSignalling } from '../../../support/fake-ports.ts';
import { smallNetwork, type Setup } from './small-network.ts';

export type CallStage = ReturnType<typeof stage>;

export function stage(
  scheduler: Scheduler,
  setup: Setup,
  flushed: () => Promise<void> = () => scheduler.schedule(Promise.resolve(), 'journal flushed'),
) {
  const signalling = new FakeSignalling(scheduler, setup.scripts);
  const media = new FakeMedia(scheduler);
  const journal: JournalEvent[] = [];
  const defects: unknown[] = [];
  const warnings: { readonly event: string }[] = [];
  const routing = compile(smallNetwork(setup));
  const usages = new UsageBook(() => 'America/New_York');
  const leases = new Leases(usages);
  const tally = new Tally(usages);
  const performance = new Performance(0);
  const floor: Floor = {
    signalling,
    media,
    journal: {
      append: (event) => void journal.push(event),
      flushed,
    },
    events: createEvents((level, event, fields) => {
      if (level === 'error') defects.push({ event, ...fields });
      if (level === 'warn') warnings.push({ event, ...fields });
    }, new Metrics()),
    carriers: new Carriers([
      { id: 'voxlink', from: ['127.0.0.0/8'], concurrency: null, cps: null, refuseWith: 503 },
    ]),
    registry: new Registry(),
    usages,
    leases,
    tally,
    performance,
    settlements: new Settlements(leases, tally, performance),
    bidding: { ask: () => Promise.resolve(new Map()) },
    trunks: new Trunks(signalling, { trunkChanged: () => undefined, trunkBreaker: () => undefined }),
    overload: new Overload(),
    books: new Books(),
    limits: { maxCalls: 10, cps: null, stall: null, maxCall: 3_600_000, drain: 1_000, rtpTimeout: 30_000 },
    recordings: '/nowhere',
    table: () => ({ hash: 'test', routing }),
    now: () => Date.now(),
    monotonic: () => Date.now(),
    dice: () => 0.5,
    closedFor: () => null,
    held: () => null,
  };
  const records = () => journal.filter((event) => event.type === 'ended').map(({ record }) => record);
  return {
    ...{ signalling, media, journal, floor, records },
    record: () => records()[0]!,
    defects: () => defects,
    warnings: () => warnings,
  };
}

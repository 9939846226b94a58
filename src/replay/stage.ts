/** What the calls of a replay share: one table, one clock, and the leases and counters that their own decisions make. */
import type { HeldNumbers } from '../routing/held.ts';
import { Leases } from '../calls/counts/leases.ts';
import { Performance } from '../calls/counts/performance.ts';
import { remember } from '../calls/counts/remember.ts';
import { Tally } from '../calls/counts/tally.ts';
import { UsageBook } from '../calls/counts/usage.ts';
import { zoneOf } from '../calls/counts/zone-of.ts';
import type { Config } from '../config/config.ts';
import type { Holders } from '../records/holders.ts';
import type { PaidCall } from '../records/calls-to-replay.ts';
import type { CallerHistory, Quarter } from '../records/remembered.ts';
import { compile, type RoutingTable } from '../routing/table.ts';
import type { Conducts } from './conduct.ts';
import { SettledPast } from './settled-past.ts';
import type { Timeline } from './timeline.ts';

export type ReplayConfig = Pick<Config, 'network' | 'terms' | 'timezone' | 'limits'>;

/** What had happened before the first of the calls, for caps, repeat callers, duplicates and payout caps. */
export interface Past {
  readonly quarters: readonly Quarter[];
  readonly callers: readonly CallerHistory[];
  readonly paid: readonly PaidCall[];
  /** By the keys of the sums that payout caps ask for, micro-units. */
  readonly paidOut: ReadonlyMap<string, bigint>;
  /** Who held the numbers of these calls when they came, of those that no config gives. */
  readonly holders: Holders;
}

export interface Stage {
  readonly config: ReplayConfig;
  readonly table: RoutingTable;
  readonly time: Timeline;
  readonly conducts: Conducts;
  readonly usages: UsageBook;
  readonly leases: Leases;
  readonly tally: Tally;
  readonly performance: Performance;
  readonly settled: SettledPast;
  readonly held: HeldNumbers;
}

export function stageOf(config: ReplayConfig, past: Past, conducts: Conducts, time: Timeline): Stage {
  const { network } = config;
  const usages = new UsageBook((subject) => zoneOf(config, subject));
  const tally = new Tally(usages);
  const performance = new Performance(Number.MAX_SAFE_INTEGER);
  remember({ tally, performance }, past.quarters, past.callers);
  return {
    config,
    table: compile(network),
    time,
    conducts,
    usages,
    leases: new Leases(usages),
    tally,
    performance,
    settled: new SettledPast(config.terms, past.paidOut, past.paid),
    held: heldBy(past.holders),
  };
}

/** A call to a number that was paused has no record, so that none of these was. Its tags stand in its record. */
const heldBy =
  (holders: Holders): HeldNumbers =>
  (number, at) => {
    const holder = holders(number, at);
    return holder && { ...holder, paused: false };
  };

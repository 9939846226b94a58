/**
 * The calls of a time, decided anew by a config: in their order, with leases and counters that this config's own
 * decisions make, by the code that routes live calls. Pure: the same calls under the same config come to the same end.
 */
import type { CallToReplay } from '../records/calls-to-replay.ts';
import { ReplayedCall, type Decided } from './replayed-call.ts';
import { stageOf, type Past, type ReplayConfig } from './stage.ts';
import { Timeline } from './timeline.ts';

export function replay(config: ReplayConfig, past: Past, calls: readonly CallToReplay[]): readonly Decided[] {
  const time = new Timeline();
  const stage = stageOf(config, past, calls, time);
  const decided = new Map<string, Decided>();
  for (const call of calls) {
    const end = (one: Decided) => decided.set(call.id, one);
    time.plan(routedAt(call), () => new ReplayedCall(stage, call, end).route());
  }
  time.run();
  return calls.flatMap(({ id }) => decided.get(id) ?? []);
}

/** When a buyer was looked for, as far as the record tells. */
const routedAt = (call: CallToReplay): number => call.attempts[0]?.startedAt ?? call.startedAt;

/**
 * The calls of a time, decided anew by a config: in their order, with leases and counters that this config's own
 * decisions make, by the code that routes live calls. The same calls under the same config come to the same end, in
 * however many pages they are told.
 */
import type { CallToReplay } from '../records/calls-to-replay.ts';
import { conductsIn, type Conducts } from './conduct.ts';
import { ReplayedCall, type Decided } from './replayed-call.ts';
import { stageOf, type Past, type ReplayConfig, type Stage } from './stage.ts';
import { Timeline } from './timeline.ts';

export class Replay {
  readonly #time = new Timeline();
  readonly #stage: Stage;
  readonly #onEnd: (decided: Decided) => void;

  constructor(config: ReplayConfig, past: Past, conducts: Conducts, onEnd: (decided: Decided) => void) {
    this.#stage = stageOf(config, past, conducts, this.#time);
    this.#onEnd = onEnd;
  }

  /** None of them began before any that was taken earlier. */
  take(calls: readonly CallToReplay[]): void {
    const [first] = calls;
    if (first) this.#time.run(first.startedAt);
    for (const call of calls)
      this.#time.comes(routedAt(call), () => new ReplayedCall(this.#stage, call, this.#onEnd).route());
  }

  /** There are no more. */
  finish(): void {
    this.#time.run();
  }
}

/** All of them at once, in their order. */
export function replay(config: ReplayConfig, past: Past, calls: readonly CallToReplay[]): readonly Decided[] {
  const decided = new Map<string, Decided>();
  const all = new Replay(config, past, conductsIn(calls), (one) => decided.set(one.call.id, one));
  all.take(calls);
  all.finish();
  return calls.flatMap(({ id }) => decided.get(id) ?? []);
}

/** When a buyer was looked for, as far as the record tells. */
const routedAt = (call: CallToReplay): number => call.attempts[0]?.startedAt ?? call.startedAt;

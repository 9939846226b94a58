/** The least that any router does: look the number up in a Map, then draw one of its campaign's buyers by weight. */
import type { Round } from './figures.ts';
import { madeUpCalls } from './made-up-calls.ts';
import { madeUpNetwork, numberAt, ownerAt, type Scale } from './made-up-network.ts';
import { memoryNow } from './memory.ts';
import { callCount } from './own-decisions.ts';
import { timed } from './stopwatch.ts';

export const mapRow = 'a Map look-up and a weighted draw';

interface Entry {
  readonly buyers: readonly string[];
  /** The sum of the weights up to each buyer and with it. */
  readonly upTo: readonly number[];
}

export class NumberMap {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #called: readonly string[];
  readonly megabytes: number;
  readonly ms: number;

  private constructor(entries: ReadonlyMap<string, Entry>, scale: Scale, ms: number, megabytes: number) {
    this.#entries = entries;
    this.#called = madeUpCalls(scale, callCount).map(({ to }) => to);
    this.ms = ms;
    this.megabytes = megabytes;
  }

  static async build(scale: Scale): Promise<NumberMap> {
    const campaigns = new Map<string, Entry>();
    for (const { id, routing } of madeUpNetwork(scale, new Map()).campaigns.values()) {
      let sum = 0;
      const upTo = routing.routes.map(({ weight }) => (sum += weight));
      campaigns.set(id, { buyers: routing.routes.map(({ buyer }) => buyer), upTo });
    }
    const before = await memoryNow();
    const began = performance.now();
    const entries = new Map<string, Entry>();
    for (let at = 0; at < scale.numbers; at++) {
      const entry = campaigns.get(ownerAt(at).campaign);
      if (entry !== undefined) entries.set(numberAt(at), entry);
    }
    const ms = performance.now() - began;
    const after = await memoryNow();
    return new NumberMap(entries, scale, ms, after.rss - before.rss);
  }

  round(): Round {
    return { [mapRow]: timed(callCount, (at) => this.#pick(this.#called[at] ?? '')) };
  }

  #pick(number: string): string | null {
    const entry = this.#entries.get(number);
    if (entry === undefined) return null;
    const drawn = Math.random() * (entry.upTo.at(-1) ?? 0);
    return entry.buyers[entry.upTo.findIndex((end) => drawn < end)] ?? null;
  }
}

/** Our side, in a process of its own: the network, its table, and rounds of decisions by it. */
import { attributesOf } from '../../src/routing/attributes.ts';
import type { Attributes } from '../../src/conditions/condition.ts';
import { decide, type DecideOptions } from '../../src/routing/decide.ts';
import { normalizeNumber } from '../../src/routing/number.ts';
import type { CallToRoute, Decision, World } from '../../src/routing/plan.ts';
import { compile, type NumberEntry, type RoutingTable } from '../../src/routing/table.ts';
import { betweenCalls, busyWorld, type BusyWorld } from './busy-world.ts';
import type { Round } from './figures.ts';
import { madeUpCalls, type MadeUpCall } from './made-up-calls.ts';
import { indexNumbers, madeUpNetwork, noon, type Scale } from './made-up-network.ts';
import { madeUpPast } from './made-up-past.ts';
import { memoryNow } from './memory.ts';
import { timed } from './stopwatch.ts';

export const rows = {
  alone: 'tollbridge: decide alone',
  whole: 'tollbridge: number, caller, attributes, decide',
  noted: 'tollbridge: the same, reasons noted',
  explained: 'tollbridge: the same, reasons put into words',
} as const;

export interface OwnBuild {
  readonly indexMs: number;
  readonly compileMs: number;
  /** Megabytes. */
  readonly tableRss: number;
  readonly tableUsed: number;
  readonly eligible: number;
}

export const callCount = 10_000;

/** As many attempts as the campaigns make. */
const plain: DecideOptions = { explain: false, atMost: 5 };

export class OwnDecisions {
  readonly #table: RoutingTable;
  readonly #calls: readonly MadeUpCall[];
  readonly #world: BusyWorld;
  readonly #asked: readonly CallToRoute[];
  readonly #worlds: readonly World[];
  /** A reason for each of many buyers takes long: fewer calls do. */
  readonly #explained: number;
  readonly build: OwnBuild;

  private constructor(table: RoutingTable, scale: Scale, build: Omit<OwnBuild, 'eligible'>) {
    this.#table = table;
    this.#explained = Math.max(1_000, (callCount * 10) / scale.routes);
    this.#calls = madeUpCalls(scale, callCount);
    this.#world = busyWorld(table.network, madeUpPast(table.network, this.#calls));
    this.#asked = this.#calls.map((call, at) => this.#toRoute(call, noon + at * betweenCalls));
    this.#worlds = this.#calls.map(() => this.#world.next());
    const sample = this.#asked.slice(0, 2_000).map((_, at) => this.eligible(at).length);
    this.build = { ...build, eligible: sample.reduce((sum, count) => sum + count, 0) / sample.length };
  }

  static async build(scale: Scale): Promise<OwnDecisions> {
    const before = await memoryNow();
    const began = performance.now();
    const numbers = indexNumbers(scale);
    const indexMs = performance.now() - began;
    const network = madeUpNetwork(scale, numbers);
    const compiling = performance.now();
    const table = compile(network);
    const compileMs = performance.now() - compiling;
    const after = await memoryNow();
    const tableRss = after.rss - before.rss;
    return new OwnDecisions(table, scale, {
      indexMs,
      compileMs,
      tableRss,
      tableUsed: after.used - before.used,
    });
  }

  round(): Round {
    return {
      [rows.alone]: timed(callCount, (at) => this.#decide(at, plain)),
      [rows.whole]: timed(callCount, (at) => this.#whole(at, plain)),
      [rows.noted]: timed(this.#explained, (at) => this.#whole(at, {})),
      [rows.explained]: timed(this.#explained, (at) => this.#whole(at, {}).leftOut),
    };
  }

  /** One pass over all calls, as of the row "decide alone". */
  decideAll(): void {
    for (let at = 0; at < callCount; at++) this.#decide(at, plain);
  }

  /** All who may take the call. */
  eligible(at: number): readonly string[] {
    const decision = this.#decide(at, { explain: false });
    return decision.outcome === 'dial' ? decision.plan.map(({ buyer }) => buyer.id) : [];
  }

  #decide(at: number, options: DecideOptions): Decision {
    const call = this.#asked[at];
    const world = this.#worlds[at];
    if (call === undefined || world === undefined) throw new Error(`there is no call ${at}`);
    return decide(this.#table, call, world, options);
  }

  #whole(at: number, options: DecideOptions): Decision {
    const call = this.#calls[at];
    if (call === undefined) throw new Error(`there is no call ${at}`);
    if (at === 0) this.#world.rewind();
    const world = this.#world.next();
    return decide(this.#table, this.#toRoute(call, world.now), world, options);
  }

  /** What the switch makes of an INVITE before it decides. */
  #toRoute({ to, from, answers }: MadeUpCall, at: number): CallToRoute {
    const { country, timezone } = this.#table;
    const number = normalizeNumber(to, country);
    const entry: NumberEntry | null = number === null ? null : this.#table.number(number);
    if (number === null || entry === null) throw new Error(`${to} is none of our numbers`);
    const caller = from === null ? null : normalizeNumber(from, country);
    const known = attributesOf({ from: caller, to: number, country, entry, at, timezone });
    const attributes: Attributes = { ...known, ...answers };
    return { campaign: entry.campaign, publisher: entry.publisher, caller, attributes };
  }
}

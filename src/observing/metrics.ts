/**
 * How a metric is made, and the rule that keeps its series few: a label's values come from a list that is closed in this
 * code, or are names of the config; never what a caller, a carrier or a web page sent. A label that is not named here
 * cannot be had, and of names of a config so many are counted by name, the rest as one.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Every label, and where its values come from. */
export const labels = {
  answered: 'closed',
  breaker: 'closed',
  cause: 'closed',
  count: 'closed',
  event: 'closed',
  kind: 'closed',
  leg: 'closed',
  outcome: 'closed',
  paid: 'closed',
  per: 'closed',
  reason: 'closed',
  result: 'closed',
  rule: 'closed',
  stat: 'closed',
  where: 'closed',
  /** Of the one table that routes now; that of the one before is taken back. */
  hash: 'config',
  buyer: 'config',
  campaign: 'config',
  pool: 'config',
  server: 'config',
  trunk: 'config',
} as const;
type Label = keyof typeof labels;

/** Values of one label that a metric counts by name. */
export const mostNames = { closed: 64, config: 1_000 } as const;
/** What the others count as. */
export const other = 'other';

type Labelled<L extends Label> = Readonly<Record<L, string>>;

export interface Count<L extends Label> {
  inc(labelled: Labelled<L>, by?: number): void;
}

interface Level<L extends Label> {
  set(labelled: Labelled<L>, value: number): void;
  remove(labelled: Labelled<L>): void;
  reset(): void;
}

interface Spread<L extends Label> {
  observe(labelled: Labelled<L>, value: number): void;
}

/** What a level reads, when it is asked. */
export type Reading<L extends Label> = readonly [labelled: Labelled<L>, value: number];

/** Makes metrics `tollbridge_NAME` in this registry. */
export function metricsIn(registry: Registry) {
  const named = <L extends Label>(name: string, help: string, labelNames: readonly L[]) => ({
    ...{ name: `tollbridge_${name}`, help, labelNames: [...labelNames], registers: [registry] },
  });

  const counter = <L extends Label = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Count<L> => {
    const made = new Counter<string>(named(name, help, labelNames));
    const few = fewOf(labelNames);
    return { inc: (labelled, by = 1) => made.inc(few(labelled), by) };
  };

  const gauge = <L extends Label = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Level<L> => {
    const made = new Gauge<string>(named(name, help, labelNames));
    const few = fewOf(labelNames);
    return {
      set: (labelled, value) => {
        // A level of all the others together would say nothing.
        const kept = few(labelled);
        if (!isOther(kept)) made.set(kept, value);
      },
      remove: (labelled) => made.remove({ ...labelled }),
      reset: () => made.reset(),
    };
  };

  const histogram = <L extends Label = never>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: readonly number[],
  ): Spread<L> => {
    const made = new Histogram<string>({ ...named(name, help, labelNames), buckets: [...buckets] });
    const few = fewOf(labelNames);
    return { observe: (labelled, value) => made.observe(few(labelled), value) };
  };

  /** A gauge that is read when it is asked for; what cannot be told then is NaN. */
  const read = (name: string, help: string, value: () => number | Promise<number>): void => {
    new Gauge({
      ...named(name, help, []),
      async collect() {
        // An engine thread that cannot answer costs its own figures, not the whole scrape.
        this.set(await told(value).catch(() => Number.NaN));
      },
    });
  };

  /** As `read`, of several things at once. */
  const readEach = <L extends Label>(
    name: string,
    help: string,
    labelNames: readonly L[],
    values: () => Iterable<Reading<L>>,
  ): void => {
    new Gauge<string>({
      ...named(name, help, labelNames),
      collect() {
        this.reset();
        const few = fewOf(labelNames);
        for (const [labelled, value] of values()) {
          const kept = few(labelled);
          if (!isOther(kept)) this.set(kept, value);
        }
      },
    });
  };

  /** A count that somebody else keeps; where it cannot be told it stays at what it was. */
  const total = (name: string, help: string, value: () => number | Promise<number>): void => {
    let last = 0;
    new Counter({
      ...named(name, help, []),
      async collect() {
        const now = await told(value).catch(() => last);
        // One that was begun anew counts from there, as Prometheus takes it.
        this.reset();
        this.inc(now);
        last = now;
      },
    });
  };

  return { counter, gauge, histogram, read, readEach, total };
}

/** What throws instead of telling is as good as what rejects. */
const told = async (value: () => number | Promise<number>): Promise<number> => value();

const isOther = (labelled: Readonly<Record<string, string>>) => Object.values(labelled).includes(other);

/** Remembers which values a metric has, and takes no more of them than the rule allows. */
function fewOf<L extends Label>(labelNames: readonly L[]) {
  const seen = new Map<Label, Set<string>>(labelNames.map((name) => [name, new Set()]));
  return (labelled: Labelled<L>): Record<string, string> => {
    const kept: Record<string, string> = {};
    for (const name of labelNames) {
      const value = labelled[name];
      const values = seen.get(name) ?? new Set();
      if (!values.has(value) && values.size >= mostNames[labels[name]]) {
        kept[name] = other;
        continue;
      }
      values.add(value);
      kept[name] = value;
    }
    return kept;
  };
}

/** What a round of decisions took. Microseconds everywhere. */
export interface Figures {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** One after the other on one core. */
  readonly perSecond: number;
}

/** What a contender did in one round, by the name of its row. */
export type Round = Readonly<Record<string, Figures>>;

/** `perSecond`: as measured without a clock about every decision; else what the mean comes to. */
export function figuresOf(samples: Float64Array, perSecond?: number): Figures {
  const sorted = samples.toSorted();
  const mean = sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length;
  return {
    mean,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    perSecond: perSecond ?? 1e6 / mean,
  };
}

/** Each figure's median over the rounds: a neighbour on the machine spoils a round, not the result. */
export function medianOf(rounds: readonly Figures[]): Figures {
  const median = (of: keyof Figures): number => middle(rounds.map((round) => round[of]));
  return {
    mean: median('mean'),
    p50: median('p50'),
    p99: median('p99'),
    p999: median('p999'),
    perSecond: median('perSecond'),
  };
}

export function middle(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** By nearest rank: a sample that was seen. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

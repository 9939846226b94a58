/** Exact arithmetic for tests, of another kind than the scaled whole numbers of the product. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export type Round = 'half_even' | 'half_up' | 'down' | 'up';

export function fraction(over: bigint, under = 1n): Fraction {
  return { over, under };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
}

export function times(a: Fraction, b: Fraction): Fraction {
  return { over: a.over * b.over, under: a.under * b.under };
}

/** Of the two neighbouring multiples of `unit`, the one that the rounding chooses. */
export function roundTo(exact: Fraction, unit: bigint, round: Round): bigint {
  const step = exact.under * unit;
  const steps = exact.over / step;
  const rest = exact.over - steps * step;
  if (rest === 0n) return steps * unit;
  const nearZero = steps * unit;
  const farFromZero = (rest > 0n ? steps + 1n : steps - 1n) * unit;
  if (round === 'down') return nearZero;
  if (round === 'up') return farFromZero;
  const twice = 2n * (rest > 0n ? rest : -rest);
  if (twice !== step) return twice < step ? nearZero : farFromZero;
  if (round === 'half_up') return farFromZero;
  return steps % 2n === 0n ? nearZero : farFromZero;
}

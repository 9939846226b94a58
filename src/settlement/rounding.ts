/** To the minor unit of the currency. `half_up`: half away from zero. `down` and `up`: towards and away from zero. */
export const roundings = ['half_even', 'half_up', 'down', 'up'] as const;
export type Rounding = (typeof roundings)[number];

/** The whole number that `dividend / divisor` is rounded to; the divisor is above 0. */
export function divide(dividend: bigint, divisor: bigint, round: Rounding): bigint {
  const size = dividend < 0n ? -dividend : dividend;
  const whole = size / divisor;
  const rest = size % divisor;
  const rounded = rest !== 0n && isAwayFromZero(round, whole, rest * 2n, divisor) ? whole + 1n : whole;
  return dividend < 0n ? -rounded : rounded;
}

function isAwayFromZero(round: Rounding, whole: bigint, twiceTheRest: bigint, divisor: bigint): boolean {
  switch (round) {
    case 'half_even':
      return twiceTheRest > divisor || (twiceTheRest === divisor && whole % 2n === 1n);
    case 'half_up':
      return twiceTheRest >= divisor;
    case 'down':
      return false;
    case 'up':
      return true;
  }
}

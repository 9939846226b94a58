/** Random choices that a seed repeats: many millions a second, where a property library would take minutes. */
export interface Dice {
  /** From 0 up to `limit`, without it. */
  below(limit: number): number;
  chance(of: number): boolean;
  oneOf<const T>(all: readonly [T, ...T[]]): T;
  /** `made` as often as the dice say, from `least` to `most`. */
  some<T>(least: number, most: number, made: () => T): T[];
}

/** Mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (of) => next() < of,
    oneOf: (all) => all[below(all.length)] ?? all[0],
    some: (least, most, made) => Array.from({ length: least + below(most - least + 1) }, made),
  };
}

/** Draws that are the same in every run: what is compared is decided by the same network, calls and counters. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly dice: () => number;
  /** A whole number in [0, end). */
  readonly below: (end: number) => number;
  /** A whole number, both ends among them. */
  readonly between: (from: number, to: number) => number;
  readonly chance: (share: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  /** `count` different members, in the order drawn. */
  readonly some: <T>(from: readonly T[], count: number) => readonly T[];
}

export function seeded(seed: number): Random {
  const dice = mulberry32(seed);
  const below = (end: number): number => Math.floor(dice() * end);
  const pick = <T>(from: readonly T[]): T => {
    const drawn = from[below(from.length)];
    if (drawn === undefined) throw new Error('nothing to draw from');
    return drawn;
  };
  return {
    dice,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (share) => dice() < share,
    pick,
    some: <T>(from: readonly T[], count: number) => {
      const drawn = new Set<T>();
      while (drawn.size < Math.min(count, from.length)) drawn.add(pick(from));
      return [...drawn];
    },
  };
}

function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

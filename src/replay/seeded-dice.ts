import { createHash } from 'node:crypto';

/** Mulberry32: the same seed throws the same dice, on every machine. */
export function seededDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number of 32 bits that a text always comes to, and another text another. */
export function seedOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}

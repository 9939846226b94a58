/** Sets of a campaign's routes, one bit a route: what is asked of all of them at once is asked 32 at a time. */
export type Bits = Int32Array;

export function noBits(size: number): Bits {
  return new Int32Array(Math.ceil(size / 32));
}

export function allBits(size: number): Bits {
  const bits = noBits(size).fill(-1);
  for (let at = size; at < bits.length * 32; at++) clearBit(bits, at);
  return bits;
}

export function setBit(bits: Bits, at: number): void {
  bits[at >> 5] = (bits[at >> 5] ?? 0) | (1 << (at & 31));
}

export function clearBit(bits: Bits, at: number): void {
  bits[at >> 5] = (bits[at >> 5] ?? 0) & ~(1 << (at & 31));
}

export function hasBit(bits: Bits, at: number): boolean {
  return ((bits[at >> 5] ?? 0) & (1 << (at & 31))) !== 0;
}

/** The first member at or after `from`; -1 where there is none. */
export function nextBit(bits: Bits, from: number): number {
  let word = from >> 5;
  let rest = (bits[word] ?? 0) & (-1 << (from & 31));
  while (rest === 0) {
    if (++word >= bits.length) return -1;
    rest = bits[word] ?? 0;
  }
  return (word << 5) + (31 - Math.clz32(rest & -rest));
}

/** Times a step again and again: each by itself, and all of them in one go. */
import { figuresOf, type Figures } from './figures.ts';

/** Microseconds that reading the clock twice takes; taken off every sample. */
export const clockCost = costOfClock();

export function timed(count: number, step: (at: number) => unknown): Figures {
  const began = performance.now();
  let last: unknown = null;
  for (let at = 0; at < count; at++) last = step(at);
  const took = performance.now() - began;
  const samples = eachOf(count, step);
  for (const [at, sample] of samples.entries()) samples[at] = Math.max(0, sample - clockCost);
  // Read, so that the loop above has a purpose in the compiler's eyes.
  if (last === unreachable) throw new Error('unreachable: nobody else has this object');
  return figuresOf(samples, (count * 1_000) / took);
}

const unreachable = {};

function eachOf(count: number, step: (at: number) => unknown): Float64Array {
  const samples = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const began = performance.now();
    step(at);
    samples[at] = (performance.now() - began) * 1_000;
  }
  return samples;
}

function costOfClock(): number {
  const nothing = (): null => null;
  for (let warm = 0; warm < 5; warm++) eachOf(20_000, nothing);
  return figuresOf(eachOf(20_000, nothing)).p50;
}

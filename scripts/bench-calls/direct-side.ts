import { numbersFor, type Side } from './side.ts';

/** sipp to sipp: what the far ends and the machine can do with nobody between them. */
export const directSide = (buyers: readonly number[]): Side => ({
  name: 'nobody: sipp to sipp',
  from: 4_000,
  start: () =>
    Promise.resolve({
      target: { ports: buyers, numbers: numbersFor(buyers.length) },
      programs: new Map(),
      stop: () => Promise.resolve(),
    }),
});

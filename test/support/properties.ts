/**
 * Properties are tried on the same cases in every run, so that a red test is about the change that it came with. To look
 * for cases that nobody has thought of: `PROPERTY_SEED=random PROPERTY_RUNS=5000 npm test -- --project unit`.
 */
import fc from 'fast-check';

const seed = process.env['PROPERTY_SEED'] ?? '20261122';
const runs = process.env['PROPERTY_RUNS'];

fc.configureGlobal({
  ...(seed !== 'random' && { seed: Number(seed) }),
  ...(runs !== undefined && { numRuns: Number(runs) }),
});

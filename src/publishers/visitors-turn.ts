/** The turn for what visitors of pages ask for, who are strangers, and as many as like. */
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { inTurn } from './turn.ts';

/**
 * Of visitors one at a time stands among the others, so that an approval waits for one of them at most. Null, and nothing
 * done, where many wait already or it would have waited too long.
 */
export async function inVisitorsTurn<Result>(
  db: Kysely<Schema>,
  story: (trx: Transaction<Schema>) => Promise<Result>,
): Promise<Result | null> {
  const line = lines.get(db) ?? { waiting: 0, last: Promise.resolve() };
  lines.set(db, line);
  if (line.waiting >= mostWaiting) return null;
  const since = performance.now();
  line.waiting++;
  const mine = line.last.then(() => (performance.now() - since > longestWaitMs ? null : inTurn(db, story)));
  line.last = mine.then(
    () => undefined,
    () => undefined,
  );
  try {
    return await mine;
  } finally {
    line.waiting--;
  }
}

const mostWaiting = 100;
/** A page shows a number within a moment, or its own. */
const longestWaitMs = 2_000;
const lines = new WeakMap<Kysely<Schema>, { waiting: number; last: Promise<unknown> }>();

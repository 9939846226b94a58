/**
 * One change of holdings at a time, over all processes of the database: two approvals never see the same number free, and
 * versions come to be seen in their order. Whatever else the change reads and writes is in the same transaction; the
 * turn is its first lock, so that no two wait for each other.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';

/** Rejects where another process keeps the turn for 15 s. */
export function inTurn<Result>(
  db: Kysely<Schema>,
  story: (trx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  const mine = (last.get(db) ?? Promise.resolve()).then(() => transact(db, story));
  last.set(
    db,
    mine.catch(() => undefined),
  );
  return mine;
}

/** Of one process they queue here, with no connection in their hands: the others that need one get it. */
const last = new WeakMap<Kysely<Schema>, Promise<unknown>>();

const transact = <Result>(
  db: Kysely<Schema>,
  story: (trx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> =>
  db
    .transaction()
    // Each statement sees what was committed before it: what changed while the turn was awaited, too.
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      await sql`select take_holdings_turn()`.execute(trx);
      return story(trx);
    });

/**
 * Who settles, corrects or closes does it in turns, whichever process it runs in: each must see all that others have
 * billed and paid before it.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** Waits for the turn; it ends with the transaction. */
export async function takeSettlementTurn(trx: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit('7011550002')})`.execute(trx);
}

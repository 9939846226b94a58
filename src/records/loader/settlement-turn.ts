/**
 * Whoever says what calls are worth, in switches that share a database and in commands, does so in turns: each must see
 * the calls that others have billed.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** Waits for its turn, and has it until the transaction ends. */
export async function takeSettlementTurn(trx: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${turn})`.execute(trx);
}

const turn = sql.lit('7011550002');

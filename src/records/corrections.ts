/**
 * What corrections change of what limits count. A switch counts its calls in memory; a conversion or a dispute, whoever
 * tells the database of it, a command or another switch, is read from here.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

interface CountedCorrection {
  readonly campaign: string;
  readonly publisher: string;
  readonly buyer: string;
  /** Null where the number was withheld. */
  readonly caller: string | null;
  /** By how much more the buyer owes, micro-units. */
  readonly revenue: bigint;
  /** 1: the call converted by it; -1: it does so no longer. */
  readonly converted: number;
  /** The period in which it counts. */
  readonly endedAt: Date;
}

/** Longer than any switch is without its database and still runs on. */
const kept = '30 days';

/** In the settlement turn. */
export async function noteCorrection(trx: Transaction<Schema>, correction: CountedCorrection): Promise<void> {
  const { endedAt, ...counted } = correction;
  await trx
    .insertInto('corrections')
    .values({ ...counted, ended_at: endedAt })
    .execute();
  await sql`delete from corrections where made_at < now() - ${kept}::interval`.execute(trx);
}

/** The number of the last one that is there; 0 where none is. */
export async function lastCorrection(db: Kysely<Schema>): Promise<bigint> {
  const { rows } = await sql<{ last: bigint }>`
    select coalesce(max(id), 0)::bigint as last from corrections`.execute(db);
  return rows[0]?.last ?? 0n;
}

/** In order; those after this number. */
export async function correctionsAfter(
  db: Kysely<Schema>,
  last: bigint,
): Promise<readonly (CountedCorrection & { readonly id: bigint })[]> {
  const { rows } = await sql<CountedCorrection & { readonly id: bigint }>`
    select id, campaign, publisher, buyer, caller, revenue, converted, ended_at as "endedAt"
      from corrections where id > ${String(last)}::bigint order by id`.execute(db);
  return rows;
}

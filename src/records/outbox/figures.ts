import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

export interface OutboxFigures {
  readonly waiting: number;
  /** For how long the oldest of them has waited; 0 where none does. */
  readonly oldestSeconds: number;
  readonly dead: number;
}

/** Of all switches that share the database. */
export async function outboxFigures(db: Kysely<Schema>): Promise<OutboxFigures> {
  const { rows } = await sql<{ waiting: bigint; oldest: number | null; dead: bigint }>`
    select (select count(*) from webhook_deliveries where state = 'waiting') as waiting,
           (select extract(epoch from now() - min(created_at))::float8
              from webhook_deliveries where state = 'waiting') as oldest,
           (select count(*) from webhook_deliveries where state = 'dead') as dead`.execute(db);
  const [row] = rows;
  return {
    waiting: Number(row?.waiting ?? 0n),
    oldestSeconds: Math.max(0, row?.oldest ?? 0),
    dead: Number(row?.dead ?? 0n),
  };
}

/** Takes deliveries that are due, so that no other switch on this database takes them, too. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Claimed {
  readonly id: string;
  readonly endpoint: string;
  readonly owner: string;
  readonly event: string;
  readonly body: string;
  /** This one counted. */
  readonly attempts: number;
  /** Tells this claim from a later one. */
  readonly claims: bigint;
}

/**
 * Of each endpoint its oldest, up to `slots`. What is not finished within `leaseMs` is due again: whoever claimed it
 * was killed.
 */
export async function claim(
  db: Kysely<Schema>,
  free: readonly { readonly endpoint: string; readonly slots: number }[],
  leaseMs: number,
): Promise<readonly Claimed[]> {
  if (free.length === 0) return [];
  const { rows } = await sql<Claimed>`
    with due as materialized (
      select mine.id
        from json_to_recordset(${JSON.stringify(free)}::json) as free(endpoint text, slots integer)
        cross join lateral (
          select id from webhook_deliveries
           where endpoint = free.endpoint and state = 'waiting' and due_at <= now()
           order by due_at, seq limit free.slots for update skip locked
        ) as mine
    )
    update webhook_deliveries as taken
       set attempts = attempts + 1, claims = claims + 1, due_at = now() + ${leaseMs} * interval '1 ms'
      from due where taken.id = due.id
    returning taken.id, endpoint, owner, event, body, attempts, claims`.execute(db);
  return rows;
}

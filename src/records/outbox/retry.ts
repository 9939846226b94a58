/**
 * Dead deliveries wait again, as if they were new; an endpoint that had gone is heard of again. What comes of an attempt
 * made before counts no more: its 410 would bury them a second time.
 */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

type Retried =
  | { readonly ok: true; readonly retried: number }
  | { readonly ok: false; readonly reason: 'unknown' | 'not_dead'; readonly message: string };

/** Null: all that are dead. */
export async function retryDead(db: Kysely<Schema>, id: string | null): Promise<Retried> {
  return db.transaction().execute(async (trx): Promise<Retried> => {
    const { rows } = await sql<{ endpoint: string }>`
      update webhook_deliveries
         set state = 'waiting', done_at = null, attempts = 0, claims = claims + 1, due_at = now(), give_up_at = now() + interval '28 hours'
       where state = 'dead' and (${id}::text is null or id = ${id}) returning endpoint`.execute(trx);
    // With nothing dead, --all still brings back the endpoints that have gone.
    const endpoints = [...new Set(rows.map(({ endpoint }) => endpoint))];
    await sql`
      delete from webhook_endpoints where ${id}::text is null or endpoint = any(${endpoints}::text[])`.execute(
      trx,
    );
    if (rows.length > 0 || id === null) return { ok: true, retried: rows.length };
    const known = await trx
      .selectFrom('webhook_deliveries')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirst();
    return known
      ? { ok: false, reason: 'not_dead', message: `delivery ${id} is ${known.state}, not dead` }
      : { ok: false, reason: 'unknown', message: `there is no delivery ${id}` };
  });
}

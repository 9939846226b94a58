/** Gives up what waited too long, and lets go of what is over. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { deadKept, deliveredKept, liveKept } from './keeping.ts';

/** How many were given up. */
export async function sweep(db: Kysely<Schema>): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update webhook_deliveries
       set state = 'dead', done_at = now(), error = coalesce(error, 'no switch knew where to deliver it')
     where state = 'waiting' and give_up_at < now() and due_at <= now()`.execute(db);
  await letGo(db, 'delivered', deliveredKept);
  await letGo(db, 'dead', deadKept);
  await sql`delete from webhook_calls where noted_at < now() - ${liveKept} * interval '1 ms'`.execute(db);
  return Number(numAffectedRows);
}

/** A part at a time: a delete of a million rows would stand in the way of those who write. */
async function letGo(db: Kysely<Schema>, state: 'delivered' | 'dead', after: number): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      delete from webhook_deliveries where id in (
        select id from webhook_deliveries
         where state = ${state} and done_at < now() - ${after} * interval '1 ms' limit ${part}
      )`.execute(db);
    if (numAffectedRows < BigInt(part)) return;
  }
}

const part = 5000;

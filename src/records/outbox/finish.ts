/** What came of one attempt at a delivery. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Claimed } from './claim.ts';

export type Verdict =
  | { readonly kind: 'delivered' }
  /** Null: it was tried as often as it is tried. */
  | { readonly kind: 'failed'; readonly error: string; readonly againInMs: number | null }
  /** Nobody wants to hear anything there any more. */
  | { readonly kind: 'gone'; readonly error: string }
  /** It was not tried after all. */
  | { readonly kind: 'returned' };

/** The state in which it stands now; null where another claim has taken it since, or it is over. */
export async function finish(
  db: Kysely<Schema>,
  { id, endpoint, claims }: Pick<Claimed, 'id' | 'endpoint' | 'claims'>,
  verdict: Verdict,
): Promise<'waiting' | 'delivered' | 'dead' | null> {
  const { rows } = await sql<{ state: 'waiting' | 'delivered' | 'dead' }>`
    update webhook_deliveries set ${changes(verdict)}
     where id = ${id} and claims = ${claims} and state <> 'delivered' returning state`.execute(db);
  const [row] = rows;
  if (row && verdict.kind === 'gone') await letGoOf(db, endpoint);
  return row?.state ?? null;
}

function changes(verdict: Verdict) {
  switch (verdict.kind) {
    case 'delivered':
      return sql`state = 'delivered', done_at = now(), body = null, error = null`;
    case 'gone':
      return sql`state = 'dead', done_at = now(), error = ${verdict.error}`;
    case 'returned':
      return sql`attempts = attempts - 1, due_at = now()`;
    case 'failed': {
      const { error, againInMs } = verdict;
      if (againInMs === null) return sql`state = 'dead', done_at = now(), error = ${error}`;
      const again = sql`now() + ${againInMs} * interval '1 ms'`;
      return sql`
        error = ${error}, due_at = ${again},
        state = case when ${again} < give_up_at then 'waiting' else 'dead' end,
        done_at = case when ${again} < give_up_at then null else now() end`;
    }
  }
}

/** What waits for it, too: it would get the same answer. */
async function letGoOf(db: Kysely<Schema>, endpoint: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('webhook_endpoints')
      .values({ endpoint, gone_at: sql`now()` })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await trx
      .updateTable('webhook_deliveries')
      .set({ state: 'dead', done_at: sql`now()`, error: 'the endpoint said that it is gone (410)' })
      .where('endpoint', '=', endpoint)
      .where('state', '=', 'waiting')
      .execute();
  });
}

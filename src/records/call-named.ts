/** The call that a person means who says how its id begins, as tables show it. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

export type CallNamed =
  /** What is the beginning of no id is taken as it is: whoever is asked for that call tells that there is none. */
  | { readonly ok: true; readonly call: string }
  | { readonly ok: false; readonly reason: 'ambiguous_call'; readonly message: string };

/** As many letters as tables show; of fewer, a slip of the pen would name some call. */
const shortest = 8;

export async function callNamed(db: Kysely<Schema>, beginning: string): Promise<CallNamed> {
  const asIs = { ok: true, call: beginning } as const;
  if (beginning.length < shortest) return asIs;
  // All of an id, most often: that needs no look at the others.
  if (await db.selectFrom('calls').select('id').where('id', '=', beginning).executeTakeFirst()) return asIs;
  const found = await db
    .selectFrom('calls')
    .select('id')
    .where(sql<boolean>`starts_with(id, ${beginning})`)
    .limit(2)
    .execute();
  const [only, ...others] = found;
  if (others.length > 0) {
    const message = `more than one call begins with ${beginning}: say more of its id`;
    return { ok: false, reason: 'ambiguous_call', message };
  }
  return only ? { ok: true, call: only.id } : asIs;
}

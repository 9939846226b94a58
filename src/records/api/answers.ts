/**
 * What requests with an idempotency key were answered. A key is claimed before the request is carried out: of several
 * that come at once, on whichever switch of this database, one does. A claim is never taken over: where the switch that
 * had it died, or the database was lost in the middle, nobody knows what was done, and whoever asks again is told so.
 */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Keyed {
  /** Whose key: two askers may use the same. */
  readonly asker: string;
  readonly key: string;
  /** A digest of the request. */
  readonly request: string;
}

export type Claim =
  | { readonly kind: 'mine' }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'another_request' }
  | { readonly kind: 'in_progress' }
  /** It was begun, and nobody can say whether it was carried out. */
  | { readonly kind: 'unknown_outcome' };

/** In place of a status, while there is none yet, or where there never will be. */
const inProgress = 0;
const unknownOutcome = 1;
/** A request that takes longer is taken for one of a switch that died; should it end after all, its answer is kept. */
const claimLasts = sql`interval '2 minutes'`;
const answerLasts = sql`interval '24 hours'`;

export async function claimAnswer(db: Kysely<Schema>, { asker, key, request }: Keyed): Promise<Claim> {
  const { rows: claimed } = await sql`
    insert into api_answers as old (token, key, request, status, body) values (${asker}, ${key}, ${request}, ${inProgress}, '')
    on conflict (token, key) do update
      set request = excluded.request, status = excluded.status, body = '', created_at = now()
      where old.created_at < now() - ${answerLasts}
    returning key`.execute(db);
  if (claimed.length > 0) return { kind: 'mine' };
  const there = await db
    .selectFrom('api_answers')
    .select(['request', 'status', 'body', sql<boolean>`created_at < now() - ${claimLasts}`.as('isOld')])
    .where('token', '=', asker)
    .where('key', '=', key)
    .executeTakeFirst();
  // Let go of since: whoever asks again may claim it.
  if (!there) return { kind: 'in_progress' };
  if (there.request !== request) return { kind: 'another_request' };
  if (there.status === unknownOutcome) return { kind: 'unknown_outcome' };
  if (there.status === inProgress) return { kind: there.isOld ? 'unknown_outcome' : 'in_progress' };
  return { kind: 'answered', status: there.status, body: there.body };
}

export async function keepAnswer(
  db: Kysely<Schema>,
  { asker, key }: Keyed,
  { status, body }: { readonly status: number; readonly body: string },
): Promise<void> {
  await db
    .updateTable('api_answers')
    .set({ status, body })
    .where('token', '=', asker)
    .where('key', '=', key)
    .where('status', '=', inProgress)
    .execute();
}

/** It failed in the middle: whether it was carried out nobody knows. */
export async function leaveUnknown(db: Kysely<Schema>, { asker, key }: Keyed): Promise<void> {
  await db
    .updateTable('api_answers')
    .set({ status: unknownOutcome })
    .where('token', '=', asker)
    .where('key', '=', key)
    .where('status', '=', inProgress)
    .execute();
}

/** Nothing was done: the same key may be tried again. */
export async function letGoOfClaim(db: Kysely<Schema>, { asker, key }: Keyed): Promise<void> {
  await db
    .deleteFrom('api_answers')
    .where('token', '=', asker)
    .where('key', '=', key)
    .where('status', '=', inProgress)
    .execute();
}

export async function forgetAnswers(db: Kysely<Schema>): Promise<void> {
  await sql`delete from api_answers where created_at < now() - ${answerLasts}`.execute(db);
}

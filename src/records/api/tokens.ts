/** Tokens of the API, by role. Of each only its SHA-256 is kept: the token itself is told once, when it is made. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql, type Kysely, type Selectable } from 'kysely';
import type { Schema } from '../schema.ts';
import type { ApiTokensTable } from '../schema/outside.ts';

export type TokenHolder =
  | { readonly role: 'admin'; readonly publisher: null }
  | { readonly role: 'publisher'; readonly publisher: string };

/** Times are ISO 8601 in UTC. */
export interface TokenView {
  readonly id: string;
  readonly role: 'admin' | 'publisher';
  readonly publisher: string | null;
  readonly label: string;
  readonly state: 'valid' | 'expired' | 'revoked';
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** To the minute. */
  readonly last_used_at: string | null;
}

export interface NewToken {
  /** Told this once. */
  readonly token: string;
  readonly view: TokenView;
}

export interface KnownToken {
  readonly id: string;
  readonly holder: TokenHolder;
  readonly label: string;
}

/** As it is kept. A token is random enough that no salt is needed, and is found by this. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

export async function addToken(
  db: Kysely<Schema>,
  asked: {
    readonly holder: TokenHolder;
    readonly label: string;
    readonly expiresAt: Date | null;
    readonly now: Date;
  },
): Promise<NewToken> {
  const { holder, label, expiresAt, now } = asked;
  const token = `tb_${holder.role}_${randomBytes(32).toString('base64url')}`;
  const row = await db
    .insertInto('api_tokens')
    .values({
      ...{ id: randomUUID(), hash: tokenHash(token), role: holder.role, publisher: holder.publisher, label },
      ...{ created_at: now, expires_at: expiresAt },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { token, view: viewOf(row, now) };
}

/** Newest first. */
export async function listTokens(db: Kysely<Schema>, now: Date): Promise<readonly TokenView[]> {
  const rows = await db
    .selectFrom('api_tokens')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => viewOf(row, now));
}

type Rotated =
  | ({ readonly ok: true; readonly oldUntil: string } & NewToken)
  | { readonly ok: false; readonly reason: 'unknown_token' | 'not_valid'; readonly message: string };

/** A new token for the same holder, good for as long as the old one was meant to be; the old one ends after `grace` milliseconds. */
export async function rotateToken(
  db: Kysely<Schema>,
  { id, grace, now }: { readonly id: string; readonly grace: number; readonly now: Date },
): Promise<Rotated> {
  return db.transaction().execute(async (trx): Promise<Rotated> => {
    const old = await trx
      .selectFrom('api_tokens')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!old) return { ok: false, reason: 'unknown_token', message: `there is no token ${id}` };
    const { state } = viewOf(old, now);
    if (state !== 'valid') return { ok: false, reason: 'not_valid', message: `token ${id} is ${state}` };
    const over = new Date(now.getTime() + grace);
    const oldUntil = old.expires_at !== null && old.expires_at < over ? old.expires_at : over;
    await trx.updateTable('api_tokens').set({ expires_at: oldUntil }).where('id', '=', id).execute();
    const lifetime = old.expires_at === null ? null : old.expires_at.getTime() - old.created_at.getTime();
    const made = await addToken(trx, {
      ...{ holder: holderOf(old), label: old.label, now },
      expiresAt: lifetime === null ? null : new Date(now.getTime() + lifetime),
    });
    return { ok: true, oldUntil: oldUntil.toISOString(), ...made };
  });
}

/** From the next request on it is nobody's. Null where there is none of this id; one that was revoked stays so. */
export async function revokeToken(
  db: Kysely<Schema>,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<TokenView | null> {
  const row = await db
    .updateTable('api_tokens')
    .set({ revoked_at: sql`coalesce(revoked_at, ${now})` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row ? viewOf(row, now) : null;
}

/** Whose the token of this hash is, and notes that it was used; null where it is nobody's, or nobody's any more. */
export async function useToken(
  db: Kysely<Schema>,
  { hash, now }: { readonly hash: string; readonly now: Date },
): Promise<KnownToken | null> {
  const row = await db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (!row || viewOf(row, now).state !== 'valid') return null;
  const minuteAgo = new Date(now.getTime() - 60_000);
  if (row.last_used_at === null || row.last_used_at < minuteAgo) {
    await db.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', row.id).execute();
  }
  return { id: row.id, holder: holderOf(row), label: row.label };
}

type Row = Selectable<ApiTokensTable>;

function holderOf({ role, publisher }: Row): TokenHolder {
  if (role === 'admin') return { role, publisher: null };
  // The table's own check.
  if (publisher === null) throw new Error('a token of a publisher without a publisher');
  return { role, publisher };
}

function viewOf(row: Row, now: Date): TokenView {
  const expired = row.expires_at !== null && row.expires_at <= now;
  return {
    ...{ id: row.id, role: row.role, publisher: row.publisher, label: row.label },
    state: row.revoked_at !== null ? 'revoked' : expired ? 'expired' : 'valid',
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}

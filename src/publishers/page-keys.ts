/** The keys by which pages of publishers ask for numbers. They are public, and each is good for the pages of its origins. */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { refused, type Refused } from './publishing.ts';

interface PageKeyView {
  readonly key: string;
  readonly application: string;
  readonly origins: readonly string[];
  readonly lend_ms: number;
  readonly created_at: string;
  readonly revoked_at: string | null;
}

const mostOrigins = 20;
const shortestLoan = 60_000;
const longestLoan = 24 * 3_600_000;

/** `origins` as browsers tell them: https://offers.example. `lendMs`: how long a number stays with a visit. */
export async function addPageKey(
  db: Kysely<Schema>,
  asked: { readonly application: string; readonly origins: readonly string[]; readonly lendMs: number },
): Promise<
  | { readonly ok: true; readonly key: PageKeyView }
  | Refused<'unknown_application' | 'wrong_state' | 'bad_origin' | 'bad_span'>
> {
  const { application, lendMs } = asked;
  const origins = [...new Set(asked.origins)];
  if (origins.length === 0 || origins.length > mostOrigins)
    return refused('bad_origin', `a key is for the pages of 1 to ${mostOrigins} origins`);
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined)
    return refused(
      'bad_origin',
      `"${wrong}" is no origin: scheme and host alone, like https://offers.example`,
    );
  if (lendMs < shortestLoan || lendMs > longestLoan)
    return refused('bad_span', 'a number is lent for a minute to a day');
  const found = await db
    .selectFrom('applications')
    .select('state')
    .where('id', '=', application)
    .executeTakeFirst();
  if (!found) return refused('unknown_application', `there is no application ${application}`);
  if (found.state !== 'approved' && found.state !== 'paused')
    return refused('wrong_state', `application ${application} is ${found.state}: it holds no numbers`);
  const row = await db
    .insertInto('page_keys')
    .values({
      key: `page_${randomBytes(15).toString('base64url')}`,
      ...{ application, origins, lend_ms: lendMs, revoked_at: null },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ok: true, key: viewOf(row) };
}

/** Newest first. */
export async function listPageKeys(db: Kysely<Schema>): Promise<readonly PageKeyView[]> {
  const rows = await db
    .selectFrom('page_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('key')
    .execute();
  return rows.map(viewOf);
}

export async function revokePageKey(
  db: Kysely<Schema>,
  key: string,
  now: Date,
): Promise<{ readonly ok: true } | Refused<'unknown_key'>> {
  const { numUpdatedRows } = await db
    .updateTable('page_keys')
    .set({ revoked_at: now })
    .where('key', '=', key)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n ? { ok: true } : refused('unknown_key', `there is no key ${key} in force`);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}

const viewOf = ({
  created_at,
  revoked_at,
  ...row
}: {
  readonly key: string;
  readonly application: string;
  readonly origins: readonly string[];
  readonly lend_ms: number;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}): PageKeyView => ({
  ...row,
  created_at: created_at.toISOString(),
  revoked_at: revoked_at?.toISOString() ?? null,
});

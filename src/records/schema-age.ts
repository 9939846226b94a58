import { sql, type Kysely } from 'kysely';
import { migrations } from '../../migrations/index.ts';

/** How the schema of a database stands to that of this version; `none` where no switch has made one. */
export type SchemaAge = 'none' | 'older' | 'same' | 'newer';

/** Reads only: a standby may be asked. */
export async function schemaAge<T>(db: Kysely<T>): Promise<SchemaAge> {
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (found[0]?.there !== true) return 'none';
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const ran = new Set(rows.map(({ name }) => name));
  const known = Object.keys(migrations);
  if ([...ran].some((name) => !known.includes(name))) return 'newer';
  if (ran.size === 0) return 'none';
  return known.every((name) => ran.has(name)) ? 'same' : 'older';
}

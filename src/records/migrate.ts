import { Migrator, type Kysely } from 'kysely';
import { migrations } from '../../migrations/index.ts';

/** Brings the schema up to date; several processes may ask at once. Returns the names of what ran. Throws on failure. */
export async function migrate<T>(db: Kysely<T>): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('migration failed', { cause: error });
  return (results ?? []).map((result) => result.migrationName);
}

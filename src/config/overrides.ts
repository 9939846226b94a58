import { resolve } from 'node:path';
import type { Config } from './config.ts';
import type { Environment } from './environment.ts';
import { parseDatabase } from './values/address.ts';
import { bad, good } from './values/parsed.ts';
import type { Parsed } from './values/parsed.ts';

/**
 * What stands above the file: `--data`, else TOLLBRIDGE_DATA, for the data directory (from where the command runs),
 * and DATABASE_URL for the database. Fails where DATABASE_URL is no database.
 */
export function withOverrides(
  config: Config,
  { data, env }: { readonly data: string | undefined; readonly env: Environment },
): Parsed<Config> {
  const folder = data ?? (env.TOLLBRIDGE_DATA === '' ? undefined : env.TOLLBRIDGE_DATA);
  const url = env.DATABASE_URL;
  const database = url === undefined || url === '' ? good(config.database) : parseDatabase(url);
  if (!database.ok) return bad(`DATABASE_URL: ${database.message}`, database.hint);
  return good({
    ...config,
    data: folder === undefined ? config.data : resolve(folder),
    database: database.value,
  });
}

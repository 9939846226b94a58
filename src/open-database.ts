import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { startDatabase } from './embedded/database/database.ts';
import { migrate } from './records/migrate.ts';
import { openRecords, type Records } from './records/open-records.ts';
import { messageOf } from './message-of.ts';

/** The records, their schema up to date; or why not, in words. What was opened is told to `releases`. */
export async function openDatabase(
  config: Pick<Config, 'database' | 'data'>,
  logger: Logger,
  releases: (() => unknown)[],
): Promise<Records | string> {
  let url: string;
  if (config.database === 'embedded') {
    const database = await startDatabase({ dataDir: config.data, log: logger });
    releases.push(() => database.stop());
    url = database.url;
  } else {
    url = config.database.url;
  }
  const records = openRecords({ url, log: logger, patience: 120_000 });
  releases.push(() => records.close());
  try {
    await migrate(records.db);
  } catch (error) {
    const where = url.replace(/\/\/[^@/]*@/, '//');
    return `database: ${where} cannot be used: ${messageOf(error)}`;
  }
  return records;
}

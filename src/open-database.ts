import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { startDatabase } from './embedded/database/database.ts';
import { answerWhileWaiting } from './http/while-waiting.ts';
import { messageOf } from './message-of.ts';
import { isAway } from './records/is-away.ts';
import { migrate } from './records/migrate.ts';
import { openRecords, type Records } from './records/open-records.ts';
import type { Releases } from './composition/releases.ts';

/** How long a statement of the switch may stay unanswered. */
const patience = 120_000;
const shortestPause = 1_000;
const longestPause = 15_000;

/**
 * The records, their schema up to date; or why not, in words. While the database is away it is waited for, with
 * `/readyz` saying so: without the past no cap would hold. What was opened is told to `releases`.
 */
export async function openDatabase(
  config: Pick<Config, 'database' | 'data' | 'http'>,
  logger: Logger,
  releases: Releases,
): Promise<Records | string> {
  let url: string;
  if (config.database === 'embedded') {
    const database = await startDatabase({ dataDir: config.data, log: logger });
    releases.push(() => database.stop());
    url = database.url;
  } else {
    url = config.database.url;
  }
  const problem = await broughtUpToDate(url, config.http, logger);
  if (problem !== null) return problem;
  const records = openRecords({ url, log: logger, patience });
  releases.push(() => records.close());
  return records;
}

/** A migration may take as long as its tables are large. */
async function broughtUpToDate(url: string, http: Config['http'], logger: Logger): Promise<string | null> {
  const where = url.replace(/\/\/[^@/]*@/, '//');
  const records = openRecords({ url, log: logger, connections: 2 });
  let why = '';
  let stopAnswering: (() => Promise<void>) | null = null;
  try {
    for (let wait = shortestPause; ; wait = Math.min(wait * 2, longestPause)) {
      try {
        await migrate(records.db);
        if (stopAnswering) logger.info({ event: 'database_reached', database: where });
        return null;
      } catch (error) {
        if (!isAway(error)) return `database: ${where} cannot be used: ${messageOf(error)}`;
        why = `waits for the database at ${where}: ${messageOf(error)}`;
        logger.warn({
          event: 'waiting_for_database',
          database: where,
          error: messageOf(error),
          again_in_ms: wait,
        });
      }
      stopAnswering ??= await answerWhileWaiting(http, () => why);
      await pause(wait);
    }
  } finally {
    await stopAnswering?.();
    await records.close();
  }
}

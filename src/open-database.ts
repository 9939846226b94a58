import { access } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { startDatabase } from './embedded/database/database.ts';
import { migrate } from './records/migrate.ts';
import { openRecords, type Records } from './records/open-records.ts';
import { messageOf } from './message-of.ts';

export interface OpenedRecords extends Records {
  /** Null: they are there. Else it resolves once they are, their schema up to date, or once the switch stops. */
  readonly away: Promise<void> | null;
}

/**
 * The records, their schema up to date; or why not, in words. What was opened is told to `releases`. A switch that has run
 * with a database before, which `ranBefore` (a file) tells, starts while that cannot be reached.
 */
export async function openDatabase(
  config: Pick<Config, 'database' | 'data'>,
  logger: Logger,
  releases: (() => unknown)[],
  ranBefore: string,
): Promise<OpenedRecords | string> {
  let url: string;
  if (config.database === 'embedded') {
    const database = await startDatabase({ dataDir: config.data, log: logger });
    releases.push(() => database.stop());
    url = database.url;
  } else {
    url = config.database.url;
  }
  const records = openRecords({ url, log: logger });
  releases.push(() => records.close());
  try {
    await migrate(records.db);
    return { ...records, away: null };
  } catch (error) {
    const where = url.replace(/\/\/[^@/]*@/, '//');
    if (!isUnreachable(error) || !(await exists(ranBefore)))
      return `database: ${where} cannot be used: ${messageOf(error)}`;
    logger.warn({ event: 'database_away', database: where, error: messageOf(error) });
    const stopping = new AbortController();
    const away = untilBack(records, stopping.signal).then(() => {
      if (!stopping.signal.aborted) logger.info({ event: 'database_back', database: where });
    });
    releases.push(async () => {
      stopping.abort();
      await away;
    });
    return { ...records, away };
  }
}

const shortestPauseMs = 200;
const longestPauseMs = 5_000;

async function untilBack({ db }: Records, signal: AbortSignal): Promise<void> {
  for (let wait = shortestPauseMs; !signal.aborted; wait = Math.min(wait * 2, longestPauseMs)) {
    const isBack = await migrate(db).then(
      () => true,
      () => false,
    );
    if (isBack) return;
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}

/** It does not answer, or not yet (SQLSTATE classes 08 and 57): what it refuses it will refuse again. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^(08|57)...$|^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_AGAIN)/.test(code)) return true;
  return /^Connection terminated|^timeout exceeded when trying to connect/.test(error.message);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Opens the records for one command: joins the running switch's database, or starts it and stops it afterwards. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { DateTime } from 'luxon';
import type { Config } from '../config/config.ts';
import { bad, good, type Parsed } from '../config/values/parsed.ts';
import type { Records } from '../records/open-records.ts';
import type { SchemaAge } from '../records/schema-age.ts';
import { refuse } from './context.ts';
import { messageOf } from '../message-of.ts';

/**
 * Refuses, and resolves to null, where there are no records, they cannot be reached, or another version of tollbridge
 * made them: a command never changes the schema under a switch that runs. `any`: what is asked sees to that itself.
 */
export async function withRecords<T>(
  config: Config,
  ask: (db: Records['db']) => Promise<T>,
  schema: 'same' | 'any' = 'same',
): Promise<T | null> {
  const { startDatabase } = await import('../embedded/database/database.ts');
  if (config.database !== 'embedded') return askAt(config.database.url, ask, schema);
  if (!(await exists(join(config.data, 'postgres')))) {
    refuse(
      `there are no records in ${config.data}`,
      'no switch has run on it yet; --data names another folder',
    );
    return null;
  }
  const database = await startDatabase({ dataDir: config.data, log: silent }).catch((error: unknown) => {
    refuse(`database: ${messageOf(error)}`);
    return null;
  });
  if (!database) return null;
  try {
    return await askAt(database.url, ask, schema);
  } finally {
    await database.stop();
  }
}

/** What the records have to say to it; null where there are none, where they cannot be reached, or are of another release. */
export async function recordsSay<T>(
  { database, data }: Pick<Config, 'database' | 'data'>,
  ask: (db: Records['db']) => Promise<T>,
): Promise<T | null> {
  if (database === 'embedded' && !(await exists(join(data, 'postgres')))) return null;
  const [{ startDatabase }, { openRecords }] = await Promise.all([
    import('../embedded/database/database.ts'),
    import('../records/open-records.ts'),
  ]);
  try {
    const found =
      database === 'embedded'
        ? await startDatabase({ dataDir: data, log: silent })
        : { url: database.url, stop: () => Promise.resolve() };
    const records = openRecords({ url: found.url, log: silent, connections: 1 });
    try {
      return await ask(records.db);
    } finally {
      await records.close();
      await found.stop();
    }
  } catch {
    return null;
  }
}

async function askAt<T>(
  url: string,
  ask: (db: Records['db']) => Promise<T>,
  schema: 'same' | 'any',
): Promise<T | null> {
  const [{ openRecords }, { schemaAge }] = await Promise.all([
    import('../records/open-records.ts'),
    import('../records/schema-age.ts'),
  ]);
  const records = openRecords({ url, log: silent, connections: 2 });
  try {
    const age = schema === 'any' ? 'same' : await schemaAge(records.db);
    if (age === 'same') return await ask(records.db);
    refuse(...otherAge[age]);
    return null;
  } catch (error) {
    refuse(`database: ${messageOf(error)}`);
    return null;
  } finally {
    await records.close();
  }
}

const otherAge: Readonly<Record<Exclude<SchemaAge, 'same'>, readonly [string, string]>> = {
  none: ['there are no records in this database', 'no switch has run on it yet'],
  older: [
    'an older tollbridge made these records',
    'a start of the switch brings them up to date; until then ask with the version that runs',
  ],
  newer: ['a newer tollbridge made these records', 'ask with that version'],
};

/** What ails the database is told by the command's own refusal. */
const nothing = () => undefined;
const silent = { info: nothing, warn: nothing, error: nothing };

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A date or a time in ISO 8601; without an offset, on the network's clock. */
export function parseTime(text: string, zone: string): Parsed<Date> {
  const time = DateTime.fromISO(text, { zone });
  return time.isValid
    ? good(time.toJSDate())
    : bad(`"${text}" is not a time`, 'ISO 8601: 2026-03-01, 2026-03-01T08:00, 2026-03-01T08:00-05:00');
}

/** The same of an option of a command that has read its config: what is no time is wrong usage. */
export function timeOption(text: string, { timezone }: Config): Date {
  const time = parseTime(text, timezone);
  if (time.ok) return time.value;
  throw new InvalidArgumentError(`${time.message}: ${time.hint}`);
}

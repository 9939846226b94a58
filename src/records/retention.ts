/**
 * Months of records that ended longer ago than they are to be kept are dropped, at once and whole; so are visits whose loans
 * are over. The ledger stays.
 */
import { sql, type Kysely } from 'kysely';
import { takeSettlementTurn } from './loader/settlement-turn.ts';
import type { RecordsLog } from './records-log.ts';
import type { Schema } from './schema.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** After its loan, long enough for every switch to have heard of its end. */
const visitsKeptMs = 2 * dayMs;

/** Months: now and once a day; an hour later where it failed. Visits: each hour. `keep`: milliseconds, null for ever. Returns what ends it. */
export function startRetention(options: {
  readonly db: Kysely<Schema>;
  readonly log: RecordsLog;
  readonly keep: () => number | null;
  readonly now: () => number;
}): () => Promise<void> {
  const { db, log, keep, now } = options;
  let done = Number.NEGATIVE_INFINITY;
  let running = Promise.resolve();
  const look = async (): Promise<void> => {
    const span = keep();
    if (span === null || now() < done + dayMs) return;
    try {
      const months = await dropMonthsBefore(db, now() - span);
      if (months.length > 0) log.info({ event: 'months_dropped', months }, 'months of records are dropped');
      done = now();
    } catch (error) {
      const before = new Date(now() - span).toISOString();
      log.warn(
        { event: 'months_not_dropped', before, error: String(error) },
        'old months of records cannot be dropped now',
      );
    }
  };
  const forget = async (): Promise<void> => {
    try {
      await forgetVisitsBefore(db, now() - visitsKeptMs);
    } catch (error) {
      log.warn({ event: 'visits_not_forgotten', error: String(error) }, 'old visits cannot be forgotten now');
    }
  };
  const next = () => (running = running.then(forget).then(look));
  void next();
  const timer = setInterval(() => void next(), hourMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Of which all was before this instant, milliseconds since the epoch. As `2026-01`, oldest first. */
export async function dropMonthsBefore(db: Kysely<Schema>, at: number): Promise<readonly string[]> {
  return db.transaction().execute(async (trx) => {
    await takeSettlementTurn(trx);
    // Whoever reads a report holds what is dropped: calls must not queue behind us while we wait for it.
    await sql`set local lock_timeout = '2s'`.execute(trx);
    const { rows } = await sql<{ month: string }>`
      select to_char(month, 'YYYY-MM') as month from drop_records_before(${new Date(at)}) as month`.execute(
      trx,
    );
    return rows.map(({ month }) => month);
  });
}

/** Whose loans ended before this instant, milliseconds since the epoch; of numbers that nobody holds any more, too. */
export async function forgetVisitsBefore(db: Kysely<Schema>, at: number): Promise<void> {
  await db.deleteFrom('visits').where('lent_until', '<', new Date(at)).execute();
}

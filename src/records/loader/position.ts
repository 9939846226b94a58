/** How far a journal was loaded, as the database knows it. */
import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { jsonOf, type LoadedEvent, type LoadedJournal } from './loaded-journal.ts';
import type { Schema } from '../schema.ts';

export interface Position {
  /** 0: nothing was loaded. */
  readonly seq: number;
  /** A digest of the entry with that number. */
  readonly mark: string;
}

export const markOf = (event: LoadedEvent): string =>
  createHash('sha256').update(jsonOf(event)).digest('hex').slice(0, 16);

export async function readPosition(db: Kysely<Schema>, journal: string): Promise<Position> {
  const row = await db
    .selectFrom('journal_position')
    .select(['seq', 'mark'])
    .where('journal', '=', journal)
    .executeTakeFirst();
  return { seq: Number(row?.seq ?? 0n), mark: row?.mark ?? '' };
}

export async function writePosition(
  db: Kysely<Schema>,
  journal: string,
  { seq, mark }: Position,
): Promise<void> {
  await db
    .insertInto('journal_position')
    .values({ journal, seq, mark })
    .onConflict((conflict) => conflict.column('journal').doUpdateSet({ seq, mark, updated_at: sql`now()` }))
    .execute();
}

/**
 * Is the entry that was loaded last still the one with that number? Not in a data directory that was put back to an
 * earlier state: its numbers were given to other events since.
 */
export async function stillHolds(
  journal: Pick<LoadedJournal, 'reader' | 'stats'>,
  position: Position,
): Promise<boolean> {
  const { firstSeq, lastSeq } = journal.stats();
  if (position.seq > lastSeq) return false;
  if (position.seq < firstSeq) return true;
  const { entries } = await journal.reader(position.seq).next(1);
  const [entry] = entries;
  return entry?.seq === position.seq && markOf(entry.event) === position.mark;
}

/**
 * Takes what is still in a journal to the database again, whatever the database says that it has: after it was put back
 * from an older backup, or lost rows. What it has is passed over; entries that it refused before can be tried anew.
 */
import type { Kysely } from 'kysely';
import { lockJournal } from './journal/lock.ts';
import { readerFrom, type Damage, type Entry } from './journal/reader.ts';
import { surveyJournal } from './journal/survey.ts';
import { KnownTerms } from './loader/known-terms.ts';
import { loadAgain, rejectEntry, type InTransaction } from './loader/load-batch.ts';
import { isAboutTheData, isDefect } from './loader/pg-error.ts';
import { readPosition } from './loader/position.ts';
import { migrate } from './migrate.ts';
import type { JournalEvent } from './events.ts';
import type { Schema } from './schema.ts';
import type { TermsInParts } from '../settlement/terms-parts.ts';

export interface ReplayOptions {
  readonly db: Kysely<Schema>;
  /** The journal's folder. */
  readonly dir: string;
  /** The first number to load; null: the first that is there. */
  readonly from: number | null;
  /** Whether entries kept in journal_rejects are tried anew. */
  readonly rejects: boolean;
  /** Finds out what would be done, and changes nothing. */
  readonly dryRun: boolean;
  /** A table whose terms neither the journal nor the database may have any more. */
  readonly table?: { readonly hash: string; readonly terms: TermsInParts };
  /** What else is done of what the database was never given. */
  readonly also?: InTransaction;
}

export interface Replayed {
  readonly journal: string;
  /** Up to where the database said that it had it. */
  readonly position: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly entries: number;
  /** Ends of calls among them, and those that the database did not have. */
  readonly calls: number;
  readonly loaded: number;
  readonly refused: readonly Refusal[];
  readonly damage: readonly Damage[];
  /** Null where they were not asked for. */
  readonly rejects: {
    readonly tried: number;
    readonly loaded: number;
    readonly refused: readonly Refusal[];
  } | null;
}

export interface Refusal {
  readonly seq: number;
  readonly error: string;
}

const batchSize = 4000;

/** Throws where a switch writes the journal, and where the folder or the database cannot be used. Null: there is no journal. */
export async function replayJournal(options: ReplayOptions): Promise<Replayed | null> {
  const unlock = await lockJournal(options.dir);
  try {
    const { journal, segments } = await surveyJournal(options.dir);
    if (journal === null) return null;
    // No switch of ours runs now.
    if (!options.dryRun) await migrate(options.db);
    const replay = new Replay(options, journal);
    await replay.keepTerms();
    const { seq: position } = await readPosition(options.db, journal);
    const reader = readerFrom(options.from ?? 0, () => ({ segments, durableBytes: Infinity }));
    for (let batch = await reader.next(batchSize); ; batch = await reader.next(batchSize)) {
      replay.damage.push(...batch.damage);
      if (batch.entries.length === 0) break;
      replay.note(batch.entries);
      await replay.take(batch.entries);
    }
    const rejects = options.rejects ? await replay.tryRejects() : null;
    const { firstSeq, lastSeq, entries, calls, loaded, refused, damage } = replay;
    return { journal, position, firstSeq, lastSeq, entries, calls, loaded, refused, damage, rejects };
  } finally {
    await unlock();
  }
}

class Replay {
  readonly damage: Damage[] = [];
  readonly refused: Refusal[] = [];
  firstSeq: number | null = null;
  lastSeq: number | null = null;
  entries = 0;
  calls = 0;
  loaded = 0;
  readonly #options: ReplayOptions;
  readonly #journal: string;
  readonly #terms = new KnownTerms();

  constructor(options: ReplayOptions, journal: string) {
    this.#options = options;
    this.#journal = journal;
  }

  async keepTerms(): Promise<void> {
    const { db, dryRun, table } = this.#options;
    if (dryRun || !table) return;
    const { hash } = table;
    const { currency, minorDigits, parts } = table.terms;
    const at = Date.now();
    await db.transaction().execute(async (trx) => {
      for (const { digest, text } of parts) await this.#terms.keepPart(trx, { digest, terms: text });
      const digests = parts.map(({ digest }) => digest);
      await this.#terms.keepTable(trx, { type: 'table', at, hash, currency, minorDigits, parts: digests });
    });
  }

  note(entries: readonly Entry[]): void {
    this.firstSeq ??= entries[0]?.seq ?? null;
    this.lastSeq = entries.at(-1)?.seq ?? this.lastSeq;
    this.entries += entries.length;
    this.calls += entries.filter(({ event }) => event.type === 'ended').length;
  }

  /** Halves, and halves of halves, until what the database refuses stands alone. */
  async take(entries: readonly Entry[]): Promise<void> {
    const refusal = await this.#load(entries);
    const [entry] = entries;
    if (refusal === null || !entry) return;
    if (entries.length > 1) {
      const half = Math.ceil(entries.length / 2);
      await this.take(entries.slice(0, half));
      await this.take(entries.slice(half));
      return;
    }
    this.refused.push({ seq: entry.seq, error: String(refusal) });
    const { db, dryRun } = this.#options;
    if (!dryRun) await rejectEntry(db, this.#journal, entry, refusal);
  }

  async tryRejects(): Promise<NonNullable<Replayed['rejects']>> {
    const { db, dryRun } = this.#options;
    const kept = await db
      .selectFrom('journal_rejects')
      .select(['seq', 'event'])
      .where('journal', '=', this.#journal)
      .orderBy('seq')
      .execute();
    const refused: Refusal[] = [];
    for (const { seq, event } of kept) {
      const entry = entryOf(Number(seq), event);
      const refusal = entry instanceof Error ? entry : await this.#load([entry]);
      if (refusal !== null) refused.push({ seq: Number(seq), error: String(refusal) });
      else if (!dryRun)
        await db
          .deleteFrom('journal_rejects')
          .where('journal', '=', this.#journal)
          .where('seq', '=', seq)
          .execute();
    }
    return { tried: kept.length, loaded: kept.length - refused.length, refused };
  }

  /** What the database has against these entries; null where it took them. */
  async #load(entries: readonly Entry[]): Promise<Error | null> {
    const { db, also, dryRun } = this.#options;
    try {
      const given = { keep: !dryRun, ...(also && { also }) };
      this.loaded += (await loadAgain(db, this.#journal, entries, this.#terms, given)).length;
      return null;
    } catch (error) {
      if ((isAboutTheData(error) || isDefect(error)) && error instanceof Error) return error;
      throw error;
    }
  }
}

function entryOf(seq: number, text: string): Entry | Error {
  try {
    return { seq, event: JSON.parse(text) as JournalEvent };
  } catch {
    return new Error('it is no JSON');
  }
}

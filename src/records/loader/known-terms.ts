/** The terms of each routing table, by its hash: from the journal, kept in the database, remembered here. */
import type { Transaction } from 'kysely';
import { termsFromJson } from '../../settlement/terms-json.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { JournalEvent } from '../events.ts';
import type { Schema } from '../schema.ts';
import { UnreadableEntry } from './pg-error.ts';

type TableEvent = Extract<JournalEvent, { type: 'table' }>;

export class KnownTerms {
  readonly #books = new Map<string, TermsBook>();

  async keep(trx: Transaction<Schema>, event: TableEvent): Promise<void> {
    await trx
      .insertInto('routing_tables')
      .values({ hash: event.hash, first_at: new Date(event.at), terms: JSON.stringify(event.terms) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** Null where neither the journal nor the database ever had them. */
  async of(trx: Transaction<Schema>, hash: string): Promise<TermsBook | null> {
    const known = this.#books.get(hash);
    if (known) return known;
    const row = await trx
      .selectFrom('routing_tables')
      .select('terms')
      .where('hash', '=', hash)
      .executeTakeFirst();
    if (!row) return null;
    const read = termsFromJson(row.terms);
    if (!read.ok) throw new UnreadableEntry(`the terms of table ${hash} cannot be read: ${read.message}`);
    this.#books.set(hash, read.book);
    return read.book;
  }
}

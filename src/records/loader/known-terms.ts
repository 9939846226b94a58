/** The terms of each routing table, by its hash: from the journal, kept in the database in parts, remembered here. */
import type { Transaction } from 'kysely';
import { termsFromJson } from '../../settlement/terms-json.ts';
import { digestOf, partOf } from '../../settlement/terms-parts.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { CallRecord, TableEvent, TermsEvent } from '../events.ts';
import type { Schema } from '../schema.ts';
import { UnreadableEntry } from './pg-error.ts';

/** Calls of a time have few tables. */
const tablesKept = 50;
/** Letters of the JSON that the parts kept were read from: each part is a few thousand, or all of an old table. */
const lettersKept = 64 * 1024 * 1024;

export class KnownTerms {
  readonly #tables = new Map<string, readonly string[]>();
  readonly #parts = new Map<string, { readonly book: TermsBook; readonly letters: number }>();
  #letters = 0;

  async keepPart(
    trx: Transaction<Schema>,
    { digest, terms }: Omit<TermsEvent, 'type' | 'at'>,
  ): Promise<void> {
    await trx
      .insertInto('terms')
      .values({ digest, terms })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async keepTable(trx: Transaction<Schema>, event: TableEvent): Promise<void> {
    const { currency, minorDigits, parts } =
      'parts' in event ? event : await this.#keepWhole(trx, event.terms);
    await trx
      .insertInto('routing_tables')
      .values({
        hash: event.hash,
        first_at: new Date(event.at),
        currency,
        minor_digits: minorDigits,
        parts,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /**
   * The terms of the call's buyer, campaign and publisher; others may be among them or not. Null where the journal and
   * the database do not have them.
   */
  async of(
    trx: Transaction<Schema>,
    { table, buyer, campaign, publisher }: Pick<CallRecord, 'table' | 'buyer' | 'campaign' | 'publisher'>,
  ): Promise<TermsBook | null> {
    const digests = await this.#partsOf(trx, table);
    const partWith = (id: string) => this.#part(trx, table, digests[partOf(id, digests.length)]);
    const ofCampaign = await partWith(campaign);
    const ofPublisher = await partWith(publisher);
    const ofBuyer = await partWith(buyer ?? campaign);
    if (!ofCampaign || !ofPublisher || !ofBuyer) return null;
    return { ...ofCampaign, publishers: ofPublisher.publishers, buyers: ofBuyer.buyers };
  }

  /** None where the table is not known. */
  async #partsOf(trx: Transaction<Schema>, hash: string): Promise<readonly string[]> {
    const known = this.#tables.get(hash);
    if (known) return known;
    const row = await trx
      .selectFrom('routing_tables')
      .select('parts')
      .where('hash', '=', hash)
      .executeTakeFirst();
    if (!row) return [];
    const [first] = this.#tables.keys();
    if (this.#tables.size >= tablesKept && first !== undefined) this.#tables.delete(first);
    this.#tables.set(hash, row.parts);
    return row.parts;
  }

  async #part(
    trx: Transaction<Schema>,
    table: string,
    digest: string | undefined,
  ): Promise<TermsBook | null> {
    if (digest === undefined) return null;
    const known = this.#parts.get(digest);
    if (known) return known.book;
    const row = await trx.selectFrom('terms').select('terms').where('digest', '=', digest).executeTakeFirst();
    if (!row) return null;
    const read = termsFromText(row.terms);
    if (!read.ok) throw new UnreadableEntry(`the terms of table ${table} cannot be read: ${read.message}`);
    this.#rememberPart(digest, read.book, row.terms.length);
    return read.book;
  }

  /** What was learnt first is forgotten first. */
  #rememberPart(digest: string, book: TermsBook, letters: number): void {
    if (this.#parts.has(digest)) return;
    this.#parts.set(digest, { book, letters });
    this.#letters += letters;
    for (const [first, part] of this.#parts) {
      if (this.#letters <= lettersKept || first === digest) return;
      this.#parts.delete(first);
      this.#letters -= part.letters;
    }
  }

  /** Terms that cannot be read are kept, too: a call that needs them is put aside, not settled for nothing. */
  async #keepWhole(
    trx: Transaction<Schema>,
    json: unknown,
  ): Promise<{
    readonly currency: string | null;
    readonly minorDigits: number | null;
    readonly parts: readonly string[];
  }> {
    const terms = JSON.stringify(json);
    const digest = digestOf(terms);
    await this.keepPart(trx, { digest, terms });
    const read = termsFromJson(json);
    const { currency, minorDigits } = read.ok ? read.book : { currency: null, minorDigits: null };
    return { currency, minorDigits, parts: [digest] };
  }
}

function termsFromText(text: string): ReturnType<typeof termsFromJson> {
  try {
    return termsFromJson(JSON.parse(text));
  } catch (error) {
    return { ok: false, message: String(error) };
  }
}

/** The terms of each routing table, by its hash: from the journal, kept in the database in parts, remembered here. */
import type { Transaction } from 'kysely';
import { termsFromJson } from '../../settlement/terms-json.ts';
import { digestOf, partOf } from '../../settlement/terms-parts.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { CallRecord, TableEvent, TermsEvent } from '../events.ts';
import type { Schema } from '../schema.ts';
import { UnreadableEntry } from './pg-error.ts';

/** Calls of a time have few tables and, however many buyers there are, few parts of their terms. */
const tablesKept = 50;
const partsKept = 200;

export class KnownTerms {
  readonly #tables = new Map<string, readonly string[]>();
  readonly #parts = new Map<string, TermsBook>();

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
    remember(this.#tables, hash, row.parts, tablesKept);
    return row.parts;
  }

  async #part(
    trx: Transaction<Schema>,
    table: string,
    digest: string | undefined,
  ): Promise<TermsBook | null> {
    if (digest === undefined) return null;
    const known = this.#parts.get(digest);
    if (known) return known;
    const row = await trx.selectFrom('terms').select('terms').where('digest', '=', digest).executeTakeFirst();
    if (!row) return null;
    const read = termsFromText(row.terms);
    if (!read.ok) throw new UnreadableEntry(`the terms of table ${table} cannot be read: ${read.message}`);
    remember(this.#parts, digest, read.book, partsKept);
    return read.book;
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

/** What was learnt first is forgotten first. */
function remember<Value>(memory: Map<string, Value>, key: string, value: Value, atMost: number): void {
  const [first] = memory.keys();
  if (memory.size >= atMost && first !== undefined) memory.delete(first);
  memory.set(key, value);
}

/** A call as its record has it, with the terms of its own instant: what a correction starts from. */
import type { Selectable, Transaction } from 'kysely';
import { payableAt } from '../../settlement/ledger-lines.ts';
import type { Money } from '../../settlement/money.ts';
import type { Facts } from '../../settlement/settle.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { KnownTerms } from '../loader/known-terms.ts';
import type { Sought } from '../loader/past.ts';
import type { Schema } from '../schema.ts';
import type { CallsTable } from '../schema/calls.ts';

export interface RecordedCall {
  readonly row: Selectable<CallsTable>;
  readonly book: TermsBook;
}

type CallFound =
  | ({ readonly ok: true } & RecordedCall)
  | { readonly ok: false; readonly reason: 'unknown_call' | 'unknown_terms'; readonly message: string };

export async function findCall(
  trx: Transaction<Schema>,
  terms: KnownTerms,
  call: string,
): Promise<CallFound> {
  const row = await trx.selectFrom('calls').selectAll().where('id', '=', call).executeTakeFirst();
  if (!row) return { ok: false, reason: 'unknown_call', message: `there is no record of a call ${call}` };
  const book = await terms.of(trx, { ...row, table: row.table_hash });
  if (!book) {
    const message = `the terms of call ${call} (table ${row.table_hash}) are not known`;
    return { ok: false, reason: 'unknown_terms', message };
  }
  return { ok: true, row, book };
}

/** What its past is looked for by. */
export const soughtOf = ({ row }: RecordedCall): Sought => ({
  call: row.id,
  from: row.from_number,
  buyer: row.buyer,
  campaign: row.campaign,
  publisher: row.publisher,
  startedAt: row.started_at.getTime(),
  connectedAt: row.connected_at?.getTime() ?? null,
  endedAt: row.ended_at.getTime(),
});

/** When what the call pays its publisher may be paid out. */
export const holdOver = ({ row, book }: RecordedCall): Date =>
  new Date(payableAt({ publisher: row.publisher, endedAt: row.ended_at.getTime() }, book));

export async function factsOf(
  trx: Transaction<Schema>,
  { row }: RecordedCall,
  reported: Facts['reported'],
): Promise<Facts> {
  return {
    attributes: row.attributes,
    connectedMs: row.connected_at === null ? null : Number(row.connected_ms),
    inboundMs: Number(row.inbound_ms),
    isAcknowledged: row.cause !== 'no_ack',
    buyer: row.buyer,
    bid: row.buyer === null ? null : await bidOf(trx, row.id, row.buyer),
    campaign: row.campaign,
    publisher: row.publisher,
    endedAt: row.ended_at.getTime(),
    reported,
  };
}

/** Of the last attempt at the buyer: that is the one which it took. */
async function bidOf(trx: Transaction<Schema>, call: string, buyer: string): Promise<Money | null> {
  const attempt = await trx
    .selectFrom('attempts')
    .select('bid')
    .where('call_id', '=', call)
    .where('buyer', '=', buyer)
    .orderBy('position', 'desc')
    .executeTakeFirst();
  return attempt?.bid ?? null;
}

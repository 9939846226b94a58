/** A buyer says that it should not pay for a call, or the network says so for it: within the campaign's time, with a reason. */
import { randomUUID } from 'node:crypto';
import { payoutTerms } from '../../settlement/settle.ts';
import { inTurn, type Correcting, type Who } from './correcting.ts';
import { findCall } from './recorded-call.ts';
import { isSaid } from './texts.ts';

export interface DisputeToOpen {
  readonly call: string;
  readonly reason: string;
  readonly by: Who;
}

export type DisputeOpened =
  | { readonly ok: true; readonly dispute: string }
  | { readonly ok: false; readonly reason: OpeningRefusal; readonly message: string };

export type OpeningRefusal =
  | 'bad_reason'
  | 'unknown_call'
  | 'unknown_terms'
  | 'not_this_buyer'
  | 'not_billed'
  | 'too_late'
  | 'already_open';

export async function openDispute(correcting: Correcting, asked: DisputeToOpen): Promise<DisputeOpened> {
  const { by, reason } = asked;
  if (!isSaid(reason))
    return refused('bad_reason', 'a dispute needs a reason, one line of at most 500 characters');
  return inTurn(correcting, async (trx) => {
    const call = await findCall(trx, correcting.terms, asked.call);
    if (!call.ok) return call;
    const { row, book } = call;
    if (by.buyer !== null && by.buyer !== row.buyer)
      return refused('not_this_buyer', `call ${row.id} was not connected to ${by.buyer}`);
    const open = await trx
      .selectFrom('disputes')
      .select('id')
      .where('call_id', '=', row.id)
      .where('state', '=', 'open')
      .executeTakeFirst();
    if (open) return refused('already_open', `dispute ${open.id} about call ${row.id} is open`);
    if (row.buyer === null || row.revenue <= 0n)
      return refused('not_billed', `nothing is billed for call ${row.id}: ${row.revenue_reason}`);
    const now = correcting.now();
    const within = payoutTerms(row, book)?.disputes.within ?? null;
    const until = within === null ? null : new Date(row.ended_at.getTime() + within);
    if (until && now > until)
      return refused('too_late', `call ${row.id} could be disputed until ${until.toISOString()}`);
    const id = randomUUID();
    await trx
      .insertInto('disputes')
      .values({
        ...{ id, reason, call_id: row.id, buyer: row.buyer },
        opened_at: now,
        opened_by: by.name,
      })
      .execute();
    return { ok: true, dispute: id };
  });
}

const refused = (reason: OpeningRefusal, message: string): DisputeOpened => ({ ok: false, reason, message });

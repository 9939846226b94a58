/**
 * The network decides on a dispute. What an accepted one takes back is posted now, wherever the call's own lines stand:
 * in a closed statement, too, for then it is in the next.
 */
import type { Selectable, Transaction } from 'kysely';
import { afterDispute } from '../../settlement/dispute.ts';
import { formatMoney, type Money } from '../../settlement/money.ts';
import { payoutTerms } from '../../settlement/settle.ts';
import type { Schema } from '../schema.ts';
import type { DisputesTable } from '../schema/money.ts';
import { inTurn, movesMoney, type Corrected, type Correcting } from './correcting.ts';
import { postCorrection } from './post-correction.ts';
import { findCall, type RecordedCall } from './recorded-call.ts';
import { isSaid, parseWhole } from './texts.ts';
import { worthOf, type CallWorth } from './worth.ts';

export type Decision =
  | { readonly state: 'accepted' | 'refused' }
  /** The revenue that remains, decimal text: above 0, and less than what stands. */
  | { readonly state: 'partly'; readonly remains: string };

export interface DisputeToDecide {
  readonly dispute: string;
  readonly decision: Decision;
  readonly by: string;
  readonly why: string;
}

export type DisputeDecided =
  | {
      readonly ok: true;
      readonly call: string;
      readonly state: Decision['state'];
      readonly worth: CallWorth;
      /** Null where no money moved. */
      readonly corrected: Corrected | null;
    }
  | { readonly ok: false; readonly reason: DecisionRefusal; readonly message: string };

export type DecisionRefusal =
  | 'bad_why'
  | 'bad_amount'
  | 'unknown_dispute'
  | 'already_decided'
  /** Its record was let go of with its month, or came with unknown terms: an adjustment can still be made. */
  | 'unknown_call'
  | 'unknown_terms';

export async function decideDispute(correcting: Correcting, asked: DisputeToDecide): Promise<DisputeDecided> {
  const { decision, by, why } = asked;
  if (!isSaid(why)) return refused('bad_why', 'a decision needs its why, one line of at most 500 characters');
  return inTurn(correcting, async (trx, tell) => {
    const dispute = await trx
      .selectFrom('disputes')
      .selectAll()
      .where('id', '=', asked.dispute)
      .executeTakeFirst();
    if (!dispute) return refused('unknown_dispute', `there is no dispute ${asked.dispute}`);
    if (dispute.state !== 'open')
      return refused('already_decided', `dispute ${dispute.id} was decided before: ${dispute.state}`);
    const call = await findCall(trx, correcting.terms, dispute.call_id);
    if (!call.ok) return call;
    const remains = remainsOf(decision, call);
    if (remains === null) {
      const stands = formatMoney(call.row.revenue, call.book.minorDigits);
      return refused(
        'bad_amount',
        `what remains of ${stands} is above 0.00, below it, and in whole minor units of ${call.book.currency}`,
      );
    }
    const now = correcting.now();
    await writeDecision(trx, dispute.id, { ...asked, remains, at: now });
    if (decision.state === 'refused')
      return { ok: true, call: dispute.call_id, state: 'refused', worth: worthOf(call), corrected: null };
    const worth = worthAfter(call, dispute, remains);
    const corrected = await postCorrection(trx, {
      ...{ call, worth, by, why, at: now },
      kind: 'dispute',
      reference: dispute.id,
    });
    await tell(corrected);
    return {
      ok: true,
      call: dispute.call_id,
      state: decision.state,
      worth: worthOf(call, worth),
      corrected: movesMoney(corrected) ? corrected : null,
    };
  });
}

const refused = (reason: DecisionRefusal, message: string): DisputeDecided => ({
  ok: false,
  reason,
  message,
});

/** Null where the decision names no amount that can remain. */
function remainsOf(decision: Decision, { row, book }: RecordedCall): Money | null {
  if (decision.state !== 'partly') return decision.state === 'accepted' ? 0n : row.revenue;
  const remains = parseWhole(decision.remains, book.minorDigits);
  return remains !== null && remains > 0n && remains < row.revenue ? remains : null;
}

async function writeDecision(
  trx: Transaction<Schema>,
  dispute: string,
  { decision, remains, by, why, at }: DisputeToDecide & { readonly remains: Money; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable('disputes')
    .set({
      state: decision.state,
      remains: decision.state === 'partly' ? remains : null,
      decided_at: at,
      decided_by: by,
      why,
    })
    .where('id', '=', dispute)
    .execute();
}

/**
 * That a revenue rule held stays true: the call has converted, whatever is paid for it. The buyer's words explain the
 * revenue alone: publishers read the reason of a payout.
 */
function worthAfter({ row, book }: RecordedCall, { reason }: Selectable<DisputesTable>, remains: Money) {
  const policy = payoutTerms(row, book)?.disputes.payout ?? 'reverse';
  const { revenue, payout } = afterDispute(row, remains, policy, book.minorDigits);
  const money = (amount: Money) => formatMoney(amount, book.minorDigits);
  return {
    revenue,
    payout,
    converted: row.converted,
    revenueReason: `dispute accepted (${reason}): ${money(revenue)} of ${money(row.revenue)} remains`,
    payoutReason:
      policy === 'keep'
        ? `${row.payout_reason}; the network bears the dispute`
        : `dispute accepted: ${money(payout)} of ${money(row.payout)} remains`,
  };
}

/**
 * A conversion that the buyer, or the network, reports after the call. The call is evaluated anew with what is known
 * now, and the difference is posted. The same report again changes nothing; another under the same key revises it,
 * until the lines of the call stand in a closed statement.
 */
import type { Transaction } from 'kysely';
import { formatMoney, type Money } from '../../settlement/money.ts';
import { isReportName, reportedBy } from '../../settlement/reported.ts';
import { settle } from '../../settlement/settle.ts';
import { pastOf } from '../loader/past.ts';
import type { Schema } from '../schema.ts';
import { inTurn, movesMoney, type Correcting, type Corrected, type Who } from './correcting.ts';
import { postCorrection } from './post-correction.ts';
import { factsOf, findCall, soughtOf, type RecordedCall } from './recorded-call.ts';
import { reportsOf } from './reports-of.ts';
import { isKey, parseReported } from './texts.ts';
import { worthOf, type CallWorth } from './worth.ts';

export interface ConversionReport {
  readonly call: string;
  /** The reporter's own name for it. */
  readonly key: string;
  /** Rules ask for it as `reported.NAME`. */
  readonly name: string;
  /** Decimal text in the currency of the call; null where the report names none. */
  readonly amount: string | null;
  readonly by: Who;
  /** Null: now. */
  readonly happenedAt: Date | null;
}

export type ConversionReported =
  | {
      readonly ok: true;
      readonly result: 'recorded' | 'unchanged' | 'revised';
      /** From 1. */
      readonly revision: number;
      readonly worth: CallWorth;
      /** Null where no money moved. */
      readonly corrected: Corrected | null;
    }
  | { readonly ok: false; readonly reason: ConversionRefusal; readonly message: string };

export type ConversionRefusal =
  | 'bad_key'
  | 'bad_name'
  | 'bad_amount'
  | 'bad_time'
  | 'unknown_call'
  | 'unknown_terms'
  | 'not_this_buyer'
  | 'not_connected'
  | 'disputed'
  | 'statement_closed';

export async function reportConversion(
  correcting: Correcting,
  report: ConversionReport,
): Promise<ConversionReported> {
  const { key, name, by } = report;
  const amount = report.amount === null ? null : parseReported(report.amount);
  const now = correcting.now();
  const wrong = whatIsWrong(report, amount, now);
  if (wrong) return wrong;
  return inTurn(correcting, async (trx, tell) => {
    const call = await findCall(trx, correcting.terms, report.call);
    if (!call.ok) return call;
    const { row } = call;
    if (by.buyer !== null && by.buyer !== row.buyer)
      return refused('not_this_buyer', `call ${row.id} was not connected to ${by.buyer}`);
    if (row.buyer === null || row.connected_at === null)
      return refused('not_connected', `call ${row.id} was connected to nobody`);
    const happenedAt = report.happenedAt ?? now;
    if (happenedAt.getTime() < row.started_at.getTime() - clocksApart)
      return refused('bad_time', `${happenedAt.toISOString()} is before call ${row.id} began`);

    const reports = await reportsOf(trx, row.id);
    const known = reports.find((one) => one.key === key);
    if (known?.name === name && known.amount === amount) {
      return {
        ok: true,
        result: 'unchanged',
        revision: known.revision,
        worth: worthOf(call),
        corrected: null,
      };
    }
    const settledFor = await whatStandsAgainst(trx, row.id);
    if (settledFor) return settledFor;

    const revision = (known?.revision ?? 0) + 1;
    await trx
      .insertInto('conversions')
      .values({
        ...{ key, revision, name, amount },
        call_id: row.id,
        reported_by: by.name,
        happened_at: happenedAt,
        received_at: now,
      })
      .execute();
    const holds = [...reports.filter((one) => one !== known), { key, revision, name, amount }];
    const worth = settle(
      await factsOf(trx, call, reportedBy(holds)),
      call.book,
      await pastOf(trx, soughtOf(call), call.book),
    );
    const corrected = await postCorrection(trx, {
      ...{ call, worth, by: by.name, at: now },
      kind: 'conversion',
      reference: `${key}/${revision}`,
      why: inWords(report, amount, call),
    });
    await tell(corrected);
    const result = known ? 'revised' : 'recorded';
    return {
      ok: true,
      result,
      revision,
      worth: worthOf(call, worth),
      corrected: movesMoney(corrected) ? corrected : null,
    };
  });
}

const refused = (reason: ConversionRefusal, message: string): ConversionReported & { ok: false } => ({
  ok: false,
  reason,
  message,
});

/** How far the clock of a reporter may be from ours. */
const clocksApart = 5 * 60_000;

function whatIsWrong(
  { key, name, amount: written, happenedAt }: ConversionReport,
  amount: Money | null,
  now: Date,
) {
  if (!isKey(key))
    return refused('bad_key', 'a key is 1 to 128 printable ASCII characters, none of them a blank');
  if (!isReportName(name))
    return refused(
      'bad_name',
      `"${name}" cannot be a name: letters, digits and _, at most 63, a letter first`,
    );
  if (written !== null && amount === null) {
    return refused(
      'bad_amount',
      `"${written}" is no amount that can be meant: decimal text from 0 to 1000000000, such as 45.00`,
    );
  }
  if (happenedAt && Number.isNaN(happenedAt.getTime())) return refused('bad_time', 'the time cannot be read');
  if (happenedAt && happenedAt.getTime() > now.getTime() + clocksApart)
    return refused('bad_time', `${happenedAt.toISOString()} is yet to come`);
  return null;
}

/** What was settled for good: by a decision on a dispute, or by a statement that somebody was sent. */
async function whatStandsAgainst(trx: Transaction<Schema>, call: string) {
  const dispute = await trx
    .selectFrom('disputes')
    .select(['id', 'state'])
    .where('call_id', '=', call)
    .where('state', 'in', ['accepted', 'partly'])
    .executeTakeFirst();
  if (dispute) return refused('disputed', `what call ${call} is worth was settled by dispute ${dispute.id}`);
  const statement = await trx
    .selectFrom('statement_lines')
    .innerJoin('ledger_entries', 'ledger_entries.id', 'statement_lines.entry_id')
    .select('statement_lines.statement_id as id')
    .where('ledger_entries.call_id', '=', call)
    .where('ledger_entries.kind', '<>', 'adjustment')
    .executeTakeFirst();
  if (!statement) return null;
  return refused('statement_closed', `call ${call} stands in the closed statement ${statement.id}`);
}

const inWords = ({ key, name }: ConversionReport, amount: Money | null, { book }: RecordedCall): string =>
  `${name}${amount === null ? '' : ` ${formatMoney(amount, book.minorDigits)}`} reported as ${key}`;

/**
 * Was this caller billed to this buyer, or paid for in this campaign, within the window? Calls may overlap and end in
 * another order than they began, so the window reaches both ways: of two calls, the one settled first is paid for.
 */
import type { Transaction } from 'kysely';
import type { Duplicates } from '../../settlement/settle.ts';
import type { CallRecord } from '../events.ts';
import type { Schema } from '../schema.ts';

/** Windows in milliseconds. A caller who withheld the number is nobody's duplicate. */
export async function findDuplicates(
  trx: Transaction<Schema>,
  record: CallRecord,
  windows: { readonly billable: number | null; readonly payable: number | null },
): Promise<Duplicates> {
  const { from, buyer, campaign } = record;
  const paidFor = (within: number) => {
    const at = record.connectedAt ?? record.startedAt;
    return trx
      .selectFrom('calls')
      .select('id')
      .where('from_number', '=', from)
      .where((row) => row.fn.coalesce('connected_at', 'started_at'), '>', new Date(at - within))
      .where((row) => row.fn.coalesce('connected_at', 'started_at'), '<', new Date(at + within))
      .limit(1);
  };
  const [billed, paid] = [
    from === null || windows.billable === null
      ? undefined
      : await paidFor(windows.billable)
          .where('buyer', '=', buyer)
          .where('revenue', '>', 0n)
          .executeTakeFirst(),
    from === null || windows.payable === null
      ? undefined
      : await paidFor(windows.payable)
          .where('campaign', '=', campaign)
          .where('payout', '>', 0n)
          .executeTakeFirst(),
  ];
  return { billable: billed !== undefined, payable: paid !== undefined };
}

/** Corrections, put into the outbox by the transaction that posts them. */
import type { Selectable, Transaction } from 'kysely';
import { formatMoney } from '../../settlement/money.ts';
import type { Correcting, Corrected } from '../ledger/correcting.ts';
import type { Schema } from '../schema.ts';
import type { CallsTable } from '../schema/calls.ts';
import type { CallKnown, CorrectionKnown, Worth } from './happening.ts';
import type { Subscription } from './subscription.ts';
import { writeDeliveries } from './write-deliveries.ts';

export function tellOfCorrections(
  subscriptions: () => readonly Subscription[],
): NonNullable<Correcting['inSameTransaction']> {
  return async (trx, corrected) => {
    const wanting = subscriptions().filter(({ events }) => events.includes('call.corrected'));
    if (wanting.length === 0) return;
    const at = corrected.at.getTime();
    const reference = `${corrected.kind}/${corrected.reference}`;
    const correction = await known(trx, corrected);
    await writeDeliveries(trx, [{ event: 'call.corrected', at, reference, correction }], wanting, at);
  };
}

async function known(trx: Transaction<Schema>, corrected: Corrected): Promise<CorrectionKnown> {
  const { call: callId, kind, reference, campaign, publisher, buyer, currency, by, why } = corrected;
  const money = (amount: bigint): string => formatMoney(amount, corrected.minorDigits);
  const change = (amount: bigint): string | null => (amount === 0n ? null : money(amount));
  const row =
    callId === null
      ? undefined
      : await trx.selectFrom('calls').selectAll().where('id', '=', callId).executeTakeFirst();
  return {
    ...{ kind, reference, callId, campaign, publisher, buyer, currency, by, why },
    call: row ? callOf(row) : null,
    revenueChange: change(corrected.revenue),
    payoutChange: change(corrected.payout),
    marginChange: money(corrected.revenue - corrected.payout),
    worth: row ? worthOf(row, currency, money) : null,
  };
}

const callOf = (row: Selectable<CallsTable>): CallKnown => ({
  call: row.id,
  carrier: row.carrier,
  campaign: row.campaign,
  publisher: row.publisher,
  source: row.source,
  buyer: row.buyer,
  from: row.from_number,
  to: row.to_number,
  attributes: row.attributes,
  startedAt: row.started_at.getTime(),
  connectedAt: row.connected_at?.getTime() ?? null,
});

const worthOf = (
  row: Selectable<CallsTable>,
  currency: string,
  money: (amount: bigint) => string,
): Worth => ({
  currency,
  revenue: money(row.revenue),
  revenueReason: row.revenue_reason,
  payout: money(row.payout),
  payoutReason: row.payout_reason,
  margin: money(row.margin),
  converted: row.converted,
});

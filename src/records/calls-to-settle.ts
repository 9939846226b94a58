/** What settlement asks of the calls of a time, and what they came to: enough to evaluate them under other terms. */
import { sql, type Kysely } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import type { Facts } from '../settlement/settle.ts';
import { reportedBy } from '../settlement/reported.ts';
import type { Sought } from './loader/past.ts';
import type { Schema } from './schema.ts';

/** Money in micro-units. */
export interface CallToSettle {
  readonly call: Sought;
  readonly facts: Facts;
  /** Null where the terms of its table are not known. */
  readonly currency: string | null;
  /** What it came to by its facts and what was reported of it; disputes, decided by people, stand beside that. */
  readonly revenue: bigint;
  readonly revenueReason: string;
  readonly payout: bigint;
  readonly payoutReason: string;
}

/** Calls that ended in [from, to), in the order in which they were settled. */
export async function callsToSettle(
  db: Kysely<Schema>,
  from: Date,
  to: Date,
): Promise<readonly CallToSettle[]> {
  const { rows } = await sql<Row>`
    select calls.id, from_number, buyer, campaign, publisher, started_at, connected_at, ended_at, attributes,
           connected_ms, inbound_ms, revenue_reason, payout_reason, routing_tables.currency,
           (select bid from attempts
             where call_id = calls.id and call_started_at = calls.started_at and attempts.buyer = calls.buyer
             order by position desc limit 1) as bid,
           (select json_agg(json_build_object('name', name, 'amount', amount::text)) from (
              select distinct on (key) name, amount from conversions where call_id = calls.id
               order by key, revision desc) as holding) as reports,
           coalesce(came_to.revenue, 0)::bigint as revenue, coalesce(came_to.payout, 0)::bigint as payout
      from calls left join routing_tables on hash = table_hash
      left join lateral (
        select sum(amount) filter (where account = 'receivable') as revenue,
               -sum(amount) filter (where account = 'payable') as payout
          from ledger_entries where call_id = calls.id and kind in ('call', 'conversion')) as came_to on true
     where ended_at >= ${from} and ended_at < ${to} order by settled`.execute(db);
  return rows.map(callToSettle);
}

interface Row {
  readonly id: string;
  readonly from_number: string | null;
  readonly buyer: string | null;
  readonly campaign: string;
  readonly publisher: string;
  readonly started_at: Date;
  readonly connected_at: Date | null;
  readonly ended_at: Date;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly connected_ms: bigint;
  readonly inbound_ms: bigint;
  readonly revenue_reason: string;
  readonly payout_reason: string;
  readonly currency: string | null;
  readonly bid: bigint | null;
  readonly reports: readonly { readonly name: string; readonly amount: string | null }[] | null;
  readonly revenue: bigint;
  readonly payout: bigint;
}

function callToSettle(row: Row): CallToSettle {
  const { buyer, campaign, publisher } = row;
  const endedAt = row.ended_at.getTime();
  const reports = (row.reports ?? []).map(({ name, amount }) => ({
    name,
    amount: amount === null ? null : BigInt(amount),
  }));
  return {
    call: {
      ...{ call: row.id, from: row.from_number, buyer, campaign, publisher, endedAt },
      startedAt: row.started_at.getTime(),
      connectedAt: row.connected_at?.getTime() ?? null,
    },
    facts: {
      ...{ attributes: row.attributes, buyer, bid: row.bid, campaign, publisher, endedAt },
      connectedMs: row.connected_at === null ? null : Number(row.connected_ms),
      inboundMs: Number(row.inbound_ms),
      reported: reportedBy(reports),
    },
    currency: row.currency,
    revenue: row.revenue,
    revenueReason: row.revenue_reason,
    payout: row.payout,
    payoutReason: row.payout_reason,
  };
}

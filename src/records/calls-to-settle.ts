/** What settlement asks of the calls of a time, and what they came to: enough to evaluate them under other terms. */
import { sql, type Transaction } from 'kysely';
import type { AttributeValue } from '../conditions/condition.ts';
import type { Facts } from '../settlement/settle.ts';
import { cameTo, reportedIn, reports, type ReportRows } from './came-to.ts';
import { callPages, callsOf, within, type Named } from './call-pages.ts';
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

/** Calls that ended in [from, to), in the order in which they were settled, page by page. */
export async function* callsToSettle(
  trx: Transaction<Schema>,
  from: Date,
  to: Date,
): AsyncGenerator<readonly CallToSettle[]> {
  for await (const page of callPages(trx, within('ended_at', from, to), sql`settled`))
    yield await callsIn(trx, page);
}

async function callsIn(trx: Transaction<Schema>, page: readonly Named[]): Promise<readonly CallToSettle[]> {
  const { rows } = await sql<Row>`
    select calls.id, from_number, buyer, campaign, publisher, calls.started_at, connected_at, ended_at, attributes,
           connected_ms, inbound_ms, cause, revenue_reason, payout_reason, routing_tables.currency,
           (select bid from attempts
             where call_id = calls.id and call_started_at = calls.started_at and attempts.buyer = calls.buyer
             order by position desc limit 1) as bid,
           ${reports} as reports, came_to.revenue, came_to.payout
      from ${callsOf(page)} left join routing_tables on hash = table_hash ${cameTo}
     order by settled`.execute(trx);
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
  readonly cause: string;
  readonly revenue_reason: string;
  readonly payout_reason: string;
  readonly currency: string | null;
  readonly bid: bigint | null;
  readonly reports: ReportRows;
  readonly revenue: bigint;
  readonly payout: bigint;
}

function callToSettle(row: Row): CallToSettle {
  const { buyer, campaign, publisher } = row;
  const endedAt = row.ended_at.getTime();
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
      isAcknowledged: row.cause !== 'no_ack',
      reported: reportedIn(row.reports),
    },
    currency: row.currency,
    revenue: row.revenue,
    revenueReason: row.revenue_reason,
    payout: row.payout,
    payoutReason: row.payout_reason,
  };
}

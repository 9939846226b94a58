/**
 * What publishers were paid, as their payout caps ask for it: kept up to date by whoever settles or corrects a call, in
 * the same transaction and in the settlement turn. By the UTC day and by the quarter of an hour at which every zone's
 * midnight falls: a month is read as some thirty days and the quarters at its two ends.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { slotMs } from '../calendar/local-clock.ts';
import { keyOf, type CapSum } from '../settlement/cap-sums.ts';
import type { CapPeriod } from '../settlement/cap-period.ts';
import type { Money } from '../settlement/money.ts';
import { isoTime } from './loader/iso-time.ts';
import type { Schema } from './schema.ts';

export interface PaidOut {
  readonly publisher: string;
  readonly campaign: string;
  readonly currency: string;
  /** When the call ended, milliseconds since the epoch. */
  readonly endedAt: number;
  /** Micro-units; below 0 where a correction takes back. */
  readonly payout: Money;
}

const dayMs = 86_400_000;
const grains = [
  { grain: 'day', ms: dayMs },
  { grain: 'quarter', ms: slotMs },
] as const;

export async function addPaidOut(trx: Transaction<Schema>, payouts: readonly PaidOut[]): Promise<void> {
  const rows = new Map<string, { readonly row: object; paid: Money }>();
  for (const { publisher, campaign, currency, endedAt, payout } of payouts) {
    if (payout === 0n) continue;
    const whose = JSON.stringify([publisher, currency, campaign]);
    for (const { grain, ms } of grains) {
      const since = isoTime(floor(endedAt, ms));
      const key = `${grain} ${since} ${whose}`;
      const known = rows.get(key);
      if (known) known.paid += payout;
      else rows.set(key, { row: { publisher, currency, grain, since, campaign }, paid: payout });
    }
  }
  if (rows.size === 0) return;
  const json = JSON.stringify([...rows.values()].map(({ row, paid }) => ({ ...row, paid: String(paid) })));
  await sql`
    insert into paid_out select * from json_populate_recordset(null::paid_out, ${json}::json)
        on conflict (publisher, currency, grain, since, campaign)
        do update set paid = paid_out.paid + excluded.paid`.execute(trx);
}

/** Of calls that had ended, or had begun, before a time: what came later is left out. */
export interface Before {
  readonly what: 'ended_at' | 'started_at';
  readonly at: Date;
}

/** By their keys; sums over nothing are missing. */
export async function paidOutIn(
  db: Kysely<Schema>,
  asked: readonly CapSum[],
  before: Before | null = null,
): Promise<ReadonlyMap<string, Money>> {
  const sums = new Map(asked.map((sum) => [keyOf(sum), sum]));
  if (sums.size === 0) return new Map();
  // The quarter in which it was is not wholly before it.
  const until = before === null ? Number.POSITIVE_INFINITY : floor(before.at.getTime(), slotMs);
  const stretches = [...sums].flatMap(([key, { publisher, currency, campaign, period }]) =>
    stretchesOf({ from: period.from, to: Math.min(period.to, until) }).map((stretch) => ({
      ...{ key, publisher, currency, campaign },
      ...stretch,
    })),
  );
  // One look into the index for each stretch: a join would be planned as a scan of all that was ever paid.
  const { rows } = await sql<Sum>`
    select key, sum(paid)::bigint as sum
      from json_to_recordset(${JSON.stringify(stretches)}::json)
        as sought(key text, publisher text, currency text, campaign text, grain text, "from" timestamptz, "to" timestamptz)
      cross join lateral (
        select sum(paid) as paid from paid_out
         where paid_out.publisher = sought.publisher and paid_out.currency = sought.currency
           and paid_out.grain = sought.grain and since >= sought."from" and since < sought."to"
           and (sought.campaign is null or paid_out.campaign = sought.campaign)) as stretch
     where paid is not null group by key`.execute(db);
  const found = new Map(rows.map(({ key, sum }) => [key, sum]));
  if (before === null) return found;
  for (const { key, sum } of await ofThatQuarter(db, sums, before, new Date(until)))
    found.set(key, (found.get(key) ?? 0n) + sum);
  return found;
}

interface Sum {
  readonly key: string;
  readonly sum: Money;
}

/** Of calls that ended since then, and yet before: they are counted one by one. */
async function ofThatQuarter(
  db: Kysely<Schema>,
  sums: ReadonlyMap<string, CapSum>,
  { what, at }: Before,
  since: Date,
): Promise<readonly Sum[]> {
  const rows = [...sums].map(([key, { publisher, currency, campaign, period }]) => ({
    ...{ key, publisher, currency, campaign, from: iso(period.from), to: iso(period.to) },
  }));
  const { rows: found } = await sql<Sum>`
    select key, sum(calls.payout)::bigint as sum
      from calls join routing_tables on hash = table_hash
      join json_to_recordset(${JSON.stringify(rows)}::json)
        as sought(key text, publisher text, currency text, campaign text, "from" timestamptz, "to" timestamptz)
        on sought.publisher = calls.publisher and sought.currency = routing_tables.currency
       and (sought.campaign is null or sought.campaign = calls.campaign)
       and ended_at >= sought."from" and ended_at < sought."to"
     where ended_at >= ${since} and ${sql.ref(`calls.${what}`)} < ${at} and payout > 0
     group by key`.execute(db);
  return found;
}

/** Whole days, and before and after them what a period has of others. */
function stretchesOf({ from, to }: CapPeriod) {
  const [first, last] = [Math.ceil(from / dayMs) * dayMs, Math.floor(to / dayMs) * dayMs];
  const parts =
    first < last
      ? [
          { grain: 'quarter', from, to: first },
          { grain: 'day', from: first, to: last },
          { grain: 'quarter', from: last, to },
        ]
      : [{ grain: 'quarter', from, to }];
  return parts
    .filter((part) => part.from < part.to)
    .map(({ grain, from, to }) => ({ grain, from: iso(from), to: iso(to) }));
}

const floor = (at: number, ms: number): number => Math.floor(at / ms) * ms;

/** As Postgres reads it. */
function iso(at: number): string {
  if (at === Number.POSITIVE_INFINITY) return 'infinity';
  return at === Number.NEGATIVE_INFINITY ? '-infinity' : new Date(at).toISOString();
}

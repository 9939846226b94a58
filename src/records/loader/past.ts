/**
 * What was settled before a call, as far as it matters to it: was this caller billed to this buyer, or paid for in this
 * campaign, within the window, and what was the publisher paid in the periods of its caps? Calls may overlap and end in
 * another order than they began, so a window reaches both ways: of two calls, the one settled first is paid for.
 */
import { sql, type Kysely } from 'kysely';
import { capPeriod, type CapPeriod } from '../../settlement/cap-period.ts';
import type { Money } from '../../settlement/money.ts';
import { duplicateWindows, type Past } from '../../settlement/settle.ts';
import type { PayoutCap, TermsBook } from '../../settlement/terms.ts';
import type { CallRecord } from '../events.ts';
import type { Schema } from '../schema.ts';
import { isoTime } from './iso-time.ts';

/** What of a call its past is looked for by. */
export type Sought = Pick<
  CallRecord,
  'call' | 'from' | 'buyer' | 'campaign' | 'publisher' | 'startedAt' | 'connectedAt' | 'endedAt'
>;

export const nothingBefore: Past = { billed: false, paid: false, owed: [] };

/** As of all other calls that are in the database now, this one left out: for a call that is evaluated anew. */
export async function pastOf(db: Kysely<Schema>, call: Sought, book: TermsBook): Promise<Past> {
  const [past = nothingBefore] = await pastsOf(db, [underTerms(call, book)]);
  const caps = book.publishers.get(call.publisher)?.caps ?? [];
  if (caps.length === 0) return past;
  const own = await db
    .selectFrom('calls')
    .select('payout')
    .where('id', '=', call.call)
    .where('started_at', '=', new Date(call.startedAt))
    .executeTakeFirst();
  const isCounted = (cap: PayoutCap | undefined) => cap?.campaign === null || cap?.campaign === call.campaign;
  const owed = past.owed.map((sum, at) => (own && isCounted(caps[at]) ? sum - own.payout : sum));
  return { ...past, owed };
}

/**
 * The same of many that are not in the database yet, in their order; none of them sees another. With `endedBefore`, of
 * what had ended before then.
 */
export async function pastsOf(
  db: Kysely<Schema>,
  calls: readonly CallUnderTerms[],
  endedBefore: Date | null = null,
): Promise<readonly Past[]> {
  const billed = await paidBefore(
    db,
    'billed',
    calls.flatMap((each, at) => windowOf('billed', each, at)),
    endedBefore,
  );
  const paid = await paidBefore(
    db,
    'paid',
    calls.flatMap((each, at) => windowOf('paid', each, at)),
    endedBefore,
  );
  const sums = await sumsOf(
    db,
    calls.flatMap(({ sums }) => sums),
    endedBefore,
  );
  return calls.map((each, at) => ({
    billed: billed.has(at),
    paid: paid.has(at),
    owed: each.sums.map((sum) => sums.get(keyOf(sum)) ?? 0n),
  }));
}

/** A call with the terms that it is settled by. */
export interface CallUnderTerms {
  readonly call: Sought;
  readonly book: TermsBook;
  /** One for each cap of its publisher, in their order. */
  readonly sums: readonly CapSum[];
}

export function underTerms(call: Sought, book: TermsBook): CallUnderTerms {
  const caps = book.publishers.get(call.publisher)?.caps ?? [];
  const sums = caps.map(({ campaign, per }) => ({
    publisher: call.publisher,
    campaign,
    period: periodOf(per, book.timezone, call.endedAt),
  }));
  return { call, book, sums };
}

/** Calls of a time end in the same periods; a calendar takes its time. */
function periodOf(per: PayoutCap['per'], timezone: string, at: number): CapPeriod {
  const name = `${per} ${timezone}`;
  const last = lastPeriods.get(name);
  if (last && at >= last.from && at < last.to) return last;
  const period = capPeriod(per, timezone, at);
  lastPeriods.set(name, period);
  return period;
}

const lastPeriods = new Map<string, CapPeriod>();

/** For a call that was never connected, the instant is its start. */
export const instantOf = (call: Pick<Sought, 'connectedAt' | 'startedAt'>): number =>
  call.connectedAt ?? call.startedAt;

/** Another call of `caller` less than `within` before or after `at` makes this one a duplicate. */
export interface Window {
  readonly index: number;
  readonly call: string;
  readonly caller: string;
  /** The buyer, or the campaign. */
  readonly by: string;
  readonly at: number;
  readonly within: number;
}

/** None where every call counts, and none for a caller without a number: nobody's duplicate. */
export function windowOf(
  kind: 'billed' | 'paid',
  { call, book }: CallUnderTerms,
  index: number,
): readonly Window[] {
  const windows = duplicateWindows(call, book);
  const within = kind === 'billed' ? windows.billable : windows.payable;
  const by = kind === 'billed' ? call.buyer : call.campaign;
  if (within === null || call.from === null || by === null) return [];
  return [{ index, call: call.call, caller: call.from, by, at: instantOf(call), within }];
}

/** What a publisher was paid in a period of one of its caps. */
export interface CapSum {
  readonly publisher: string;
  /** Null: in all of them. */
  readonly campaign: string | null;
  readonly period: CapPeriod;
}

export const keyOf = ({ publisher, campaign, period }: CapSum): string =>
  JSON.stringify([publisher, campaign, period.from, period.to]);

async function paidBefore(
  db: Kysely<Schema>,
  kind: 'billed' | 'paid',
  windows: readonly Window[],
  endedBefore: Date | null,
): Promise<ReadonlySet<number>> {
  if (windows.length === 0) return new Set();
  const sought = JSON.stringify(
    windows.map(({ index, call, caller, by, at, within }) => ({
      ...{ index, call, caller, by },
      after: isoTime(at - within),
      before: isoTime(at + within),
    })),
  );
  const counts =
    kind === 'billed'
      ? sql`calls.buyer = sought.by and calls.revenue > 0`
      : sql`calls.campaign = sought.by and calls.payout > 0`;
  const { rows } = await sql<{ index: number }>`
    select index from json_to_recordset(${sought}::json)
        as sought(index int, call text, caller text, by text, after timestamptz, before timestamptz)
     where exists (
       select from calls where from_number = sought.caller and ${counts} and id <> sought.call
          and coalesce(connected_at, started_at) > sought.after
          and coalesce(connected_at, started_at) < sought.before and ${isBefore('ended_at', endedBefore)})`.execute(
    db,
  );
  return new Set(rows.map(({ index }) => index));
}

/**
 * By their keys. Periods are those of the ends of calls, so they are summed over the calls; `ever` is summed over the
 * ledger, which outlives the records.
 */
async function sumsOf(
  db: Kysely<Schema>,
  asked: readonly CapSum[],
  endedBefore: Date | null,
): Promise<ReadonlyMap<string, Money>> {
  const sought = new Map(asked.map((sum) => [keyOf(sum), sum]));
  if (sought.size === 0) return new Map();
  const rows = [...sought].map(([key, { publisher, campaign, period }]) => ({
    ...{ key, publisher, campaign },
    ever: !Number.isFinite(period.from),
    ...(Number.isFinite(period.from) ? { from: isoTime(period.from), to: isoTime(period.to) } : {}),
  }));
  const { rows: sums } = await sql<{ key: string; sum: Money }>`
    select key, coalesce(case when ever
        then (select -sum(amount) from ledger_entries
               where account = 'payable' and party = sought.publisher and kind <> 'adjustment'
                 and ${isBefore('at', endedBefore)}
                 and (sought.campaign is null or ledger_entries.campaign = sought.campaign))
        else (select sum(payout) from calls
               where calls.publisher = sought.publisher and ended_at >= sought."from" and ended_at < sought."to"
                 and ${isBefore('ended_at', endedBefore)}
                 and (sought.campaign is null or calls.campaign = sought.campaign))
      end, 0)::bigint as sum
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as sought(key text, publisher text, campaign text, ever boolean, "from" timestamptz, "to" timestamptz)`.execute(
    db,
  );
  return new Map(sums.map(({ key, sum }) => [key, sum]));
}

const isBefore = (column: 'ended_at' | 'at', time: Date | null) =>
  time === null ? sql`true` : sql`${sql.ref(column)} < ${time}`;

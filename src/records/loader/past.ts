/**
 * What was settled before a call, as far as it matters to it: was this caller billed to this buyer, or paid for in this
 * campaign, within the window, and what was the publisher paid in the periods of its caps? Calls may overlap and end in
 * another order than they began, so a window reaches both ways: of two calls, the one settled first is paid for.
 */
import { sql, type Kysely } from 'kysely';
import { capSums, countsIn, keyOf, type CapSum } from '../../settlement/cap-sums.ts';
import { instantOf } from '../../settlement/duplicates.ts';
import type { OtherCall } from '../../settlement/other-call.ts';
import { duplicateWindows, type Past } from '../../settlement/settle.ts';
import type { TermsBook } from '../../settlement/terms.ts';
import type { CallRecord } from '../events.ts';
import { paidOutIn } from '../paid-out.ts';
import type { Schema } from '../schema.ts';
import { isoTime } from './iso-time.ts';

/** What of a call its past is looked for by. */
export type Sought = Pick<
  CallRecord,
  'call' | 'from' | 'buyer' | 'campaign' | 'publisher' | 'startedAt' | 'connectedAt' | 'endedAt'
>;

export const nothingBefore: Past = { billed: null, paid: null, owed: [] };

/** As of all other calls that are in the database now, this one left out: for a call that is evaluated anew. */
export async function pastOf(db: Kysely<Schema>, call: Sought, book: TermsBook): Promise<Past> {
  const each = underTerms(call, book);
  const [past = nothingBefore] = await pastsOf(db, [each]);
  if (each.sums.length === 0) return past;
  const own = await db
    .selectFrom('calls')
    .select('payout')
    .where('id', '=', call.call)
    .where('started_at', '=', new Date(call.startedAt))
    .executeTakeFirst();
  const isCounted = (sum: CapSum | undefined) =>
    sum !== undefined && countsIn({ ...call, currency: book.currency }, sum);
  const owed = past.owed.map((sum, at) => (own && isCounted(each.sums[at]) ? sum - own.payout : sum));
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
  const windows = (kind: 'billed' | 'paid') => calls.flatMap((each, at) => windowOf(kind, each, at));
  const billed = await paidBefore(db, 'billed', windows('billed'), endedBefore);
  const paid = await paidBefore(db, 'paid', windows('paid'), endedBefore);
  const asked = calls.flatMap(({ sums }) => sums);
  const sums = await paidOutIn(db, asked, endedBefore && { what: 'ended_at', at: endedBefore });
  return calls.map((each, at) => ({
    billed: billed.get(at) ?? null,
    paid: paid.get(at) ?? null,
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

export const underTerms = (call: Sought, book: TermsBook): CallUnderTerms => ({
  ...{ call, book },
  sums: capSums(call, book),
});

/** Another call of `caller` less than `within` before or after `at` makes this one a duplicate. */
interface Window {
  readonly index: number;
  readonly call: string;
  readonly caller: string;
  /** The buyer, or the campaign. */
  readonly by: string;
  readonly at: number;
  readonly within: number;
}

/** None where every call counts, and none for a caller without a number: nobody's duplicate. */
function windowOf(kind: 'billed' | 'paid', { call, book }: CallUnderTerms, index: number): readonly Window[] {
  const windows = duplicateWindows(call, book);
  const within = kind === 'billed' ? windows.billable : windows.payable;
  const by = kind === 'billed' ? call.buyer : call.campaign;
  if (within === null || call.from === null || by === null) return [];
  return [{ index, call: call.call, caller: call.from, by, at: instantOf(call), within }];
}

async function paidBefore(
  db: Kysely<Schema>,
  kind: 'billed' | 'paid',
  windows: readonly Window[],
  endedBefore: Date | null,
): Promise<ReadonlyMap<number, OtherCall>> {
  if (windows.length === 0) return new Map();
  const sought = JSON.stringify(
    windows.map(({ index, call, caller, by, at, within }) => ({
      ...{ index, call, caller, by, at: isoTime(at) },
      after: isoTime(at - within),
      before: isoTime(at + within),
    })),
  );
  const counts =
    kind === 'billed'
      ? sql`calls.buyer = sought.by and calls.revenue > 0`
      : sql`calls.campaign = sought.by and calls.payout > 0`;
  const instant = sql`coalesce(connected_at, started_at)`;
  const isBefore = endedBefore === null ? sql`true` : sql`ended_at < ${endedBefore}`;
  // The one that `nearer` would choose.
  const { rows } = await sql<{ index: number; call: string; before: number }>`
    select index, found.call, found.before from json_to_recordset(${sought}::json)
        as sought(index int, call text, caller text, by text, at timestamptz, after timestamptz, before timestamptz)
      cross join lateral (
        select id as call, (extract(epoch from sought.at - ${instant}) * 1000)::float8 as before from calls
         where from_number = sought.caller and ${counts} and id <> sought.call
           and ${instant} > sought.after and ${instant} < sought.before and ${isBefore}
         order by abs(extract(epoch from sought.at - ${instant})), ${instant}, id collate "C" limit 1) as found`.execute(
    db,
  );
  return new Map(rows.map(({ index, ...other }) => [index, other]));
}

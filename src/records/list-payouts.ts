/** Who owes whom, from the ledger: what each publisher is owed, what each buyer owes, what the network keeps. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { formatMoney } from '../settlement/money.ts';
import { currenciesOf, minorDigitsOf } from './currencies.ts';
import type { Schema } from './schema.ts';
import type { LedgerEntriesTable } from './schema/money.ts';

/** Calls that ended, and postings that were made, in [from, to). */
export interface PayoutsQuery {
  readonly from?: Date;
  readonly to?: Date;
  /** What is on hold then is not payable yet; the database's clock tells unless given. */
  readonly now?: Date;
  /** What this publisher is owed, and nothing else. */
  readonly publisher?: string;
}

/** Money is decimal text in one currency; a network that changed its currency has several. */
export interface PayoutsView {
  readonly currencies: readonly CurrencyPayouts[];
}

export interface CurrencyPayouts {
  readonly currency: string;
  readonly publishers: readonly PublisherPayout[];
  readonly buyers: readonly BuyerRevenue[];
  readonly revenue: string;
  readonly payout: string;
  readonly margin: string;
}

export interface PublisherPayout extends Parts {
  readonly publisher: string;
  readonly calls: number;
  readonly connected: number;
  /** Calls for which the publisher is owed something. */
  readonly payable: number;
  /** All that is owed; `held` and `payable_now` of it. */
  readonly payout: string;
  readonly held: string;
  readonly payable_now: string;
}

interface BuyerRevenue extends Parts {
  readonly buyer: string;
  /** Calls that were connected to the buyer. */
  readonly calls: number;
  /** Calls that the buyer owes something for. */
  readonly billable: number;
  readonly revenue: string;
}

/** Of what is owed. */
export interface Parts {
  /** By what was reported, disputed and decided by hand after the calls; negative where it was taken back. */
  readonly conversions: string;
  readonly disputes: string;
  readonly adjustments: string;
  /** In closed statements, and in none yet. */
  readonly stated: string;
  readonly unstated: string;
}

export async function listPayouts(db: Kysely<Schema>, query: PayoutsQuery = {}): Promise<PayoutsView> {
  const [sums, calls] = await Promise.all([ledgerSums(db, query), callCounts(db, query)]);
  const currencies = [...new Set([...sums, ...calls].map((row) => row.currency))].sort();
  return {
    currencies: currencies.map((currency) => {
      const same = (row: { currency: string }) => row.currency === currency;
      return currencyPayouts(currency, sums.filter(same), calls.filter(same));
    }),
  };
}

interface LedgerSum {
  readonly currency: string;
  readonly account: LedgerEntriesTable['account'];
  readonly party: string;
  /** For which something stands. */
  readonly calls: bigint;
  readonly amount: bigint;
  readonly conversions: bigint;
  readonly disputes: bigint;
  readonly adjustments: bigint;
  readonly stated: bigint;
  readonly held: bigint;
}

async function ledgerSums(db: Kysely<Schema>, query: PayoutsQuery): Promise<readonly LedgerSum[]> {
  const { rows } = await sql<LedgerSum>`
    with by_call as (
      select currency, account, party, call_id, sum(amount) as amount,
             sum(amount) filter (where kind = 'conversion') as conversions,
             sum(amount) filter (where kind = 'dispute') as disputes,
             sum(amount) filter (where kind = 'adjustment') as adjustments,
             sum(amount) filter (where entry_id is not null) as stated,
             sum(amount) filter (where payable_at > ${query.now ?? sql`now()`}) as held
        from ledger_entries left join statement_lines on entry_id = id
       where ${between(sql.ref('at'), query)}
         and (${query.publisher ?? null}::text is null or (account = 'payable' and party = ${query.publisher ?? null}))
       group by 1, 2, 3, 4
    )
    select currency, account, party, count(*) filter (where call_id is not null and amount <> 0) as calls,
           sum(amount)::bigint as amount, coalesce(sum(conversions), 0)::bigint as conversions,
           coalesce(sum(disputes), 0)::bigint as disputes, coalesce(sum(adjustments), 0)::bigint as adjustments,
           coalesce(sum(stated), 0)::bigint as stated, coalesce(sum(held), 0)::bigint as held
      from by_call group by 1, 2, 3 order by 1, 2, 3`.execute(db);
  return rows;
}

interface CallCount {
  readonly currency: string;
  readonly role: 'publisher' | 'buyer';
  readonly party: string;
  readonly calls: bigint;
  readonly connected: bigint;
}

/** Calls that earned nothing have no entry in the ledger, and are counted all the same. */
async function callCounts(db: Kysely<Schema>, query: PayoutsQuery): Promise<readonly CallCount[]> {
  const only = query.publisher ?? null;
  const ended = sql`from calls where ${between(sql.ref('ended_at'), query)}`;
  const { rows } = await sql<Omit<CallCount, 'currency'> & { table_hash: string }>`
    select table_hash, 'publisher' as role, publisher as party, count(*) as calls, count(connected_at) as connected
      ${ended} and (${only}::text is null or publisher = ${only}) group by table_hash, publisher
    union all
    select table_hash, 'buyer', buyer, count(*), count(connected_at)
      ${ended} and ${only}::text is null and buyer is not null group by table_hash, buyer`.execute(db);
  const currencies = await currenciesOf(db, [...new Set(rows.map((row) => row.table_hash))]);
  const counts = new Map<string, CallCount>();
  for (const { table_hash, role, party, calls, connected } of rows) {
    const currency = currencies.get(table_hash);
    if (currency === undefined) continue;
    const key = JSON.stringify([currency, role, party]);
    const count = counts.get(key);
    counts.set(key, {
      ...{ currency, role, party },
      calls: (count?.calls ?? 0n) + calls,
      connected: (count?.connected ?? 0n) + connected,
    });
  }
  return [...counts.values()];
}

function between(column: RawBuilder<unknown>, { from, to }: PayoutsQuery): RawBuilder<unknown> {
  const least = from ? sql`${column} >= ${from}` : sql`true`;
  return to ? sql`${least} and ${column} < ${to}` : least;
}

function currencyPayouts(
  currency: string,
  sums: readonly LedgerSum[],
  counts: readonly CallCount[],
): CurrencyPayouts {
  const digits = minorDigitsOf(currency);
  const money = (amount: bigint) => formatMoney(amount, digits);
  const total = (account: LedgerSum['account']) =>
    sums.filter((sum) => sum.account === account).reduce((all, sum) => all + sum.amount, 0n);
  const parties = (role: CallCount['role'], account: LedgerSum['account']) =>
    [
      ...new Set([
        ...counts.filter((count) => count.role === role).map((count) => count.party),
        ...sums.filter((sum) => sum.account === account).map((sum) => sum.party),
      ]),
    ]
      .sort()
      .map((party) => ({
        party,
        sum: sums.find((sum) => sum.account === account && sum.party === party) ?? nothing,
        count: counts.find((count) => count.role === role && count.party === party),
      }));
  /** The ledger's sign, or the other: what is owed is positive, whoever owes it. */
  const parts = (sign: bigint, sum: typeof nothing): Parts => ({
    conversions: money(sign * sum.conversions),
    disputes: money(sign * sum.disputes),
    adjustments: money(sign * sum.adjustments),
    stated: money(sign * sum.stated),
    unstated: money(sign * (sum.amount - sum.stated)),
  });
  return {
    currency,
    publishers: parties('publisher', 'payable').map(({ party, sum, count }) => ({
      publisher: party,
      calls: Number(count?.calls ?? 0n),
      connected: Number(count?.connected ?? 0n),
      payable: Number(sum.calls),
      payout: money(-sum.amount),
      held: money(-sum.held),
      payable_now: money(sum.held - sum.amount),
      ...parts(-1n, sum),
    })),
    buyers: parties('buyer', 'receivable').map(({ party, sum, count }) => ({
      buyer: party,
      calls: Number(count?.calls ?? 0n),
      billable: Number(sum.calls),
      revenue: money(sum.amount),
      ...parts(1n, sum),
    })),
    revenue: money(total('receivable')),
    payout: money(-total('payable')),
    margin: money(-total('margin')),
  };
}

const nothing: Omit<LedgerSum, 'currency' | 'account' | 'party'> = {
  calls: 0n,
  amount: 0n,
  conversions: 0n,
  disputes: 0n,
  adjustments: 0n,
  stated: 0n,
  held: 0n,
};

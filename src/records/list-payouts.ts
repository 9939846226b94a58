/** Who owes whom, from the ledger: what each publisher is owed, what each buyer owes, what the network keeps. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { formatMoney } from '../settlement/money.ts';
import type { Schema } from './schema.ts';

/** Calls that ended in [from, to). */
export interface PayoutsQuery {
  readonly from?: Date;
  readonly to?: Date;
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

export interface PublisherPayout {
  readonly publisher: string;
  readonly calls: number;
  readonly connected: number;
  /** Calls for which the publisher is owed something. */
  readonly payable: number;
  readonly payout: string;
}

export interface BuyerRevenue {
  readonly buyer: string;
  /** Calls that were connected to the buyer. */
  readonly calls: number;
  /** Calls that the buyer owes something for. */
  readonly billable: number;
  readonly revenue: string;
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
  readonly account: 'receivable' | 'payable' | 'margin';
  readonly party: string;
  readonly calls: bigint;
  readonly amount: bigint;
}

async function ledgerSums(db: Kysely<Schema>, query: PayoutsQuery): Promise<readonly LedgerSum[]> {
  const { rows } = await sql<LedgerSum>`
    select currency, account, party, count(distinct call_id) as calls, sum(amount)::bigint as amount
      from ledger_entries where ${between(sql.ref('at'), query)}
     group by 1, 2, 3 order by 1, 2, 3`.execute(db);
  return rows;
}

interface CallCount {
  readonly currency: string;
  readonly role: 'publisher' | 'buyer';
  readonly party: string;
  readonly minor_digits: number;
  readonly calls: bigint;
  readonly connected: bigint;
}

/** Calls that earned nothing have no entry in the ledger, and are counted all the same. */
async function callCounts(db: Kysely<Schema>, query: PayoutsQuery): Promise<readonly CallCount[]> {
  const { rows } = await sql<CallCount>`
    with ended as (
      select publisher, buyer, connected_at, currency, minor_digits
        from calls join routing_tables on hash = table_hash
       where currency is not null and ${between(sql.ref('ended_at'), query)}
    )
    select currency, 'publisher' as role, publisher as party, max(minor_digits) as minor_digits,
           count(*) as calls, count(connected_at) as connected from ended group by currency, publisher
    union all
    select currency, 'buyer', buyer, max(minor_digits), count(*), count(connected_at)
      from ended where buyer is not null group by currency, buyer
     order by 1, 2, 3`.execute(db);
  return rows;
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
  const digits = Math.max(0, ...counts.map((count) => count.minor_digits));
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
        sum: sums.find((sum) => sum.account === account && sum.party === party),
        count: counts.find((count) => count.role === role && count.party === party),
      }));
  return {
    currency,
    publishers: parties('publisher', 'payable').map(({ party, sum, count }) => ({
      publisher: party,
      calls: Number(count?.calls ?? 0n),
      connected: Number(count?.connected ?? 0n),
      payable: Number(sum?.calls ?? 0n),
      payout: money(-(sum?.amount ?? 0n)),
    })),
    buyers: parties('buyer', 'receivable').map(({ party, sum, count }) => ({
      buyer: party,
      calls: Number(count?.calls ?? 0n),
      billable: Number(sum?.calls ?? 0n),
      revenue: money(sum?.amount ?? 0n),
    })),
    revenue: money(total('receivable')),
    payout: money(-total('payable')),
    margin: money(-total('margin')),
  };
}

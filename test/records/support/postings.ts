/** Postings written straight to the ledger, as settlement and corrections write them. */
import { sql } from 'kysely';
import type { Records } from '../../../src/records/open-records.ts';

export interface Posting {
  readonly call: string | null;
  readonly kind: 'call' | 'conversion' | 'dispute' | 'adjustment';
  readonly reference?: string;
  readonly at: Date;
  readonly publisher: string;
  readonly buyer: string;
  readonly campaign?: string | null;
  /** Micro-units. */
  readonly revenue: bigint;
  readonly payout: bigint;
  readonly currency?: string;
  readonly payableAt?: Date | null;
  readonly why?: string;
}

/** One statement for all of them; lines of nothing are left out, as the ledger has none. */
export async function post(db: Records['db'], postings: readonly Posting[]): Promise<void> {
  const lines = postings.flatMap((posting) => {
    const {
      call,
      kind,
      reference = '',
      at,
      campaign = 'solar',
      currency = 'USD',
      payableAt = null,
    } = posting;
    const of = {
      ...{ call_id: call, kind, reference, at, campaign, currency },
      made_by: kind === 'call' ? null : 'ann',
      why: kind === 'call' ? null : (posting.why ?? 'agreed'),
    };
    const { publisher, buyer, revenue, payout } = posting;
    return [
      { ...of, account: 'receivable' as const, party: buyer, amount: revenue, payable_at: null },
      { ...of, account: 'payable' as const, party: publisher, amount: -payout, payable_at: payableAt },
      { ...of, account: 'margin' as const, party: 'network', amount: payout - revenue, payable_at: null },
    ].filter(({ amount }) => amount !== 0n);
  });
  if (lines.length > 0) await db.insertInto('ledger_entries').values(lines).execute();
}

/** What stands on an account, in the ledger's own sign. */
export async function balance(db: Records['db'], account: string, party: string): Promise<bigint> {
  const { rows } = await sql<{ sum: bigint }>`
    select coalesce(sum(amount), 0)::bigint as sum from ledger_entries
     where account = ${account} and party = ${party}`.execute(db);
  return rows[0]!.sum;
}

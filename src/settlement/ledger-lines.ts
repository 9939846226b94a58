/**
 * A settlement as double entry: what a buyer owes us, what we owe a publisher, what the network keeps. Debits are
 * positive, credits negative, and the lines of a posting sum to zero.
 */
import type { Money } from './money.ts';
import type { Facts, Settlement } from './settle.ts';
import type { TermsBook } from './terms.ts';

export type Account = 'receivable' | 'payable' | 'margin';

export interface LedgerLine {
  readonly account: Account;
  /** The buyer of a receivable, the publisher of a payable, `network` of a margin. */
  readonly party: string;
  readonly amount: Money;
}

/** No lines for a call that moves no money. */
export function ledgerEntries(
  { revenue, payout, margin }: Pick<Settlement, 'revenue' | 'payout' | 'margin'>,
  parties: { readonly buyer: string | null; readonly publisher: string },
): readonly LedgerLine[] {
  const lines: LedgerLine[] = [];
  if (parties.buyer !== null) lines.push({ account: 'receivable', party: parties.buyer, amount: revenue });
  lines.push({ account: 'payable', party: parties.publisher, amount: -payout });
  lines.push({ account: 'margin', party: 'network', amount: -margin });
  return lines.filter(({ amount }) => amount !== 0n);
}

/**
 * What must be posted so that the ledger says `now`: for each account and party the difference to what stands, in
 * however many lines. It sums to zero where both do; empty where nothing changes.
 */
export function corrections(
  standing: readonly LedgerLine[],
  now: readonly LedgerLine[],
): readonly LedgerLine[] {
  const differences = new Map<string, LedgerLine>();
  const add = ({ account, party }: LedgerLine, amount: Money): void => {
    const key = `${account} ${party}`;
    differences.set(key, { account, party, amount: (differences.get(key)?.amount ?? 0n) + amount });
  };
  for (const line of now) add(line, line.amount);
  for (const line of standing) add(line, -line.amount);
  return [...differences.values()].filter(({ amount }) => amount !== 0n);
}

/** When the hold of what a call pays its publisher is over, milliseconds since the epoch. */
export function payableAt(
  { publisher, endedAt }: Pick<Facts, 'publisher' | 'endedAt'>,
  { publishers, hold }: Pick<TermsBook, 'publishers' | 'hold'>,
): number {
  return endedAt + (publishers.get(publisher)?.hold ?? hold);
}

/**
 * A settlement as double entry: what a buyer owes us, what we owe a publisher, what the network keeps. Debits are
 * positive, credits negative, and the lines of a call sum to zero.
 */
import type { Money } from './money.ts';
import type { Settlement } from './settle.ts';

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

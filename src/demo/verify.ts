/** Holds what happened against what the cast expects; each difference is one line. */
import type { CallRecord, Payouts } from './call-records.ts';
import type { Caller } from './cast.ts';
import type { Scene } from './scene.ts';

export function differences(scene: Scene, record: CallRecord | null): string[] {
  const { expected, name, about } = scene.caller;
  const who = `${name} (${about})`;
  const differs = (what: string, seen: string | null, wanted: string | null) =>
    seen === wanted ? [] : [`${who}: ${what} was ${seen ?? 'none'}, expected ${wanted ?? 'none'}`];

  if ('refused' in expected)
    return differs('the answer', String(scene.end?.status ?? 'none'), String(expected.refused));
  if (record === null) return [`${who}: the call has no record`];
  const attempts = record.attempts.map(({ buyer, result }) => `${buyer} ${result}`);
  const leftOut = record.left_out.map(({ buyer, rule }) => `${buyer} ${rule}`);
  return [
    ...differs('the outcome', record.outcome, expected.outcome),
    ...differs('the cause', record.cause, expected.cause),
    ...differs('the attempts', attempts.join(', '), expected.attempts.join(', ')),
    ...differs('the buyer', record.buyer, expected.buyer),
    ...differs('who was left out', leftOut.join(', '), expected.leftOut.join(', ')),
    ...differs('the revenue', record.revenue, expected.revenue),
    ...differs('the payout', record.payout, expected.payout),
    ...(scene.caller.press.length > 0 && (scene.heard?.speech ?? 0) < 2 ? [`${who}: heard no prompt`] : []),
  ];
}

/** The ledger adds up to what the cast is worth. */
export function ledgerDifferences(cast: readonly Caller[], { currencies }: Payouts): string[] {
  const [ledger] = currencies;
  if (ledger === undefined) return ['the ledger is empty'];
  const expected = (what: 'revenue' | 'payout') =>
    cast.reduce((sum, caller) => sum + ('refused' in caller.expected ? 0 : cents(caller.expected[what])), 0);
  const wanted = { revenue: expected('revenue'), payout: expected('payout') };
  const differs = (what: string, seen: string, inCents: number) =>
    cents(seen) === inCents
      ? []
      : [`the ledger's ${what} is ${seen}, expected ${(inCents / 100).toFixed(2)}`];
  return [
    ...differs('revenue', ledger.revenue, wanted.revenue),
    ...differs('payout', ledger.payout, wanted.payout),
    ...differs('margin', ledger.margin, wanted.revenue - wanted.payout),
  ];
}

/** Decimal text with two digits after the point. */
function cents(amount: string): number {
  return Number(amount.replace('.', ''));
}

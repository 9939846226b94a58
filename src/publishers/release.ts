/** Numbers come back from whoever holds them; each rests as its pool says before another has it. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { numberView } from './list-numbers.ts';
import { refused, type Publishing, type Refused } from './publishing.ts';
import { inTurn } from './turn.ts';
import type { NumberView } from './views.ts';

export type Released =
  | { readonly ok: true; readonly number: NumberView }
  | Refused<'unknown_number' | 'given_number' | 'not_held'>;

export async function release(
  { db, given, now }: Publishing,
  { number }: { readonly number: string },
): Promise<Released> {
  return inTurn(db, async (trx) => {
    const at = now();
    const released = await closeHoldings(trx, { number }, at);
    const view = await numberView(trx, given(), number, at);
    if (!view) return refused('unknown_number', `${number} is none of our numbers`);
    if (released.length > 0) return { ok: true, number: view };
    return view.state === 'given'
      ? refused('given_number', `${number} is given to ${view.publisher ?? ''} by the config: it ends there`)
      : refused('not_held', `${number} is held by nobody: it is ${view.state}`);
  });
}

/** Closes what is open; the numbers. In the turn of holdings only. One that was still to begin never does. */
export async function closeHoldings(
  db: Kysely<Schema>,
  of: { readonly number?: string; readonly application?: string; readonly publisher?: string },
  at: Date,
): Promise<readonly string[]> {
  let closing = db
    .updateTable('holdings')
    .set({ held_until: sql<Date>`greatest(held_from, ${at})` })
    .where('held_until', 'is', null);
  if (of.number !== undefined) closing = closing.where('number', '=', of.number);
  if (of.application !== undefined) closing = closing.where('application', '=', of.application);
  if (of.publisher !== undefined) closing = closing.where('publisher', '=', of.publisher);
  const closed = await closing.returning('number').execute();
  return closed.map(({ number }) => number);
}

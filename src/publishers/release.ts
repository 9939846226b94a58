/** Numbers come back from whoever holds them; each rests as its pool says before another has it. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { numberView } from './list-numbers.ts';
import { refused, type Publishing, type Refused, type Who } from './publishing.ts';
import { isWhy } from './texts.ts';
import { inTurn } from './turn.ts';
import type { NumberView } from './views.ts';

export type Released =
  | { readonly ok: true; readonly number: NumberView }
  | Refused<'bad_why' | 'unknown_number' | 'given_number' | 'not_held'>;

export interface ToRelease {
  readonly number: string;
  readonly by: Who;
  /** One line. */
  readonly why?: string;
}

export async function release(
  { db, given, clock }: Publishing,
  { number, by, why }: ToRelease,
): Promise<Released> {
  if (!isWhy(why)) return refused('bad_why', 'the why is one line of at most 500 characters');
  return inTurn(db, async (trx) => {
    const at = await clock(trx);
    const released = await closeHoldings(trx, { number }, { by, why, at });
    const view = await numberView(trx, given(), number, at);
    if (!view) return refused('unknown_number', `${number} is none of our numbers`);
    if (released.length > 0) return { ok: true, number: view };
    return view.state === 'given'
      ? refused('given_number', `${number} is given to ${view.publisher ?? ''} by the config: it ends there`)
      : refused('not_held', `${number} is held by nobody: it is ${view.state}`);
  });
}

/** Who takes numbers back, when, and what is said of it. */
export interface Release {
  readonly by: Who;
  readonly why?: string | null | undefined;
  readonly at: Date;
}

/** Closes what is open; the numbers. In the turn of holdings only. One that was still to begin never does. */
export async function closeHoldings(
  db: Kysely<Schema>,
  of: { readonly number?: string; readonly application?: string; readonly publisher?: string },
  { by, why = null, at }: Release,
): Promise<readonly string[]> {
  let closing = db
    .updateTable('holdings')
    .set({
      held_until: sql<Date>`greatest(held_from, ${at})`,
      ...{ released_by: by.name, released_why: why },
    })
    .where('held_until', 'is', null);
  if (of.number !== undefined) closing = closing.where('number', '=', of.number);
  if (of.application !== undefined) closing = closing.where('application', '=', of.application);
  if (of.publisher !== undefined) closing = closing.where('publisher', '=', of.publisher);
  const closed = await closing.returning('number').execute();
  return closed.map(({ number }) => number);
}

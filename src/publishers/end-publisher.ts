/** A publisher leaves: what waits for an answer is refused, what was approved ends, its numbers are released. */
import type { Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { alive, after } from './application-states.ts';
import { step } from './applications.ts';
import { publisherView, showPublisher } from './list-publishers.ts';
import { refused, type Publishing, type Refused, type Who } from './publishing.ts';
import { closeHoldings } from './release.ts';
import { isWhy } from './texts.ts';
import { inTurn } from './turn.ts';
import type { PublisherView } from './views.ts';

export type PublisherEnded =
  | { readonly ok: true; readonly publisher: PublisherView; readonly released: readonly string[] }
  | Refused<'bad_why' | 'unknown_publisher' | 'given_publisher' | 'already_ended'>;

export async function endPublisher(
  { db, given, clock }: Publishing,
  { publisher, by, why }: { readonly publisher: string; readonly by: Who; readonly why?: string },
): Promise<PublisherEnded> {
  if (!isWhy(why)) return refused('bad_why', 'the why is one line of at most 500 characters');
  return inTurn(db, async (trx) => {
    const found = await showPublisher(trx, given(), publisher);
    if (!found) return refused('unknown_publisher', `there is no publisher ${publisher}`);
    if (found.given)
      return refused('given_publisher', `publisher ${publisher} is given by the config: it ends there`);
    if (found.state === 'ended') return refused('already_ended', `publisher ${publisher} has ended already`);
    const at = await clock(trx);
    const decided = { by, why: why ?? 'the publisher has ended', at };
    await endApplications(trx, publisher, decided);
    const released = await closeHoldings(trx, { publisher }, decided);
    const ended = await trx
      .updateTable('publishers')
      .set({ state: 'ended' })
      .where('id', '=', publisher)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { ok: true, publisher: publisherView(ended), released };
  });
}

async function endApplications(
  trx: Transaction<Schema>,
  publisher: string,
  decided: { readonly by: Who; readonly why: string; readonly at: Date },
): Promise<void> {
  const living = await trx
    .selectFrom('applications')
    .selectAll()
    .where('publisher', '=', publisher)
    .where('state', 'in', alive)
    .execute();
  for (const application of living)
    await step(trx, application, after(application.state, 'end') === null ? 'refuse' : 'end', decided);
}

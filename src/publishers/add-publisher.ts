/** A publisher comes to the network. */
import { refused, type Publishing, type Refused } from './publishing.ts';
import { isId, isLine } from './texts.ts';
import { publisherView } from './list-publishers.ts';
import type { PublisherView } from './views.ts';

export type PublisherAdded =
  { readonly ok: true; readonly publisher: PublisherView } | Refused<'bad_id' | 'bad_name' | 'already_there'>;

export async function addPublisher(
  { db, given, clock }: Publishing,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<PublisherAdded> {
  if (!isId(id))
    return refused('bad_id', `"${id}" cannot be an id: up to 64 letters, digits, and between them . _ -`);
  if (!isLine(name, 200)) return refused('bad_name', 'a name is one line of at most 200 characters');
  if (given().network.publishers.has(id))
    return refused('already_there', `publisher ${id} is given by the config`);
  const added = await db
    .insertInto('publishers')
    .values({ id, name, created_at: await clock(db) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst();
  return added
    ? { ok: true, publisher: publisherView(added) }
    : refused('already_there', `there is a publisher ${id} already`);
}

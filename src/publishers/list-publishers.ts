/** The publishers, by id: those of the config and those who were added. */
import { sql, type Kysely, type Selectable } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { PublishersTable } from '../records/schema/publishers.ts';
import type { Given } from './given.ts';
import { byText } from './inventory.ts';
import { cutToPage, type Page, type PageQuery, type Publishing } from './publishing.ts';
import type { PublisherView } from './views.ts';

export async function listPublishers(
  { db, given }: Publishing,
  { limit, after = '', state }: PageQuery & { readonly state?: 'active' | 'ended' },
): Promise<Page<PublisherView>> {
  const { publishers } = given().network;
  const ofYaml = [...publishers.keys()].filter((id) => id > after && state !== 'ended');
  const { rows } = await sql<Selectable<PublishersTable>>`
    select * from publishers
     where id collate "C" > ${after} and (${state ?? null}::text is null or state = ${state ?? null})
       and id <> all(${[...publishers.keys()]}::text[])
     order by id collate "C" limit ${limit + 1}`.execute(db);
  const all = [...ofYaml.map((id) => givenView(given(), id)), ...rows.map(publisherView)];
  const sorted = all.sort((a, b) => byText(a.id, b.id)).slice(0, limit + 1);
  return cutToPage(sorted, limit, ({ id }) => id);
}

/** Null where there is none of this name. The YAML stands above the records. */
export async function showPublisher(
  db: Kysely<Schema>,
  given: Given,
  id: string,
): Promise<PublisherView | null> {
  if (given.network.publishers.has(id)) return givenView(given, id);
  const row = await db.selectFrom('publishers').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? publisherView(row) : null;
}

const givenView = (given: Given, id: string): PublisherView => ({
  id,
  name: given.network.publishers.get(id)?.name ?? id,
  state: 'active',
  given: true,
  created_at: null,
});

export const publisherView = (row: Selectable<PublishersTable>): PublisherView => ({
  ...row,
  given: false,
  created_at: row.created_at.toISOString(),
});

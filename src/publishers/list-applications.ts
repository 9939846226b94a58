/** The applications, newest first. */
import { sql } from 'kysely';
import type { ApplicationState } from '../records/schema/publishers.ts';
import { applicationView, applicationViews, findApplication, type Application } from './applications.ts';
import { cutToPage, type Page, type PageQuery, type Publishing, type Who } from './publishing.ts';
import type { ApplicationView } from './views.ts';

export interface ApplicationsQuery extends PageQuery {
  readonly publisher?: string;
  readonly campaign?: string;
  readonly state?: ApplicationState;
}

export async function listApplications(
  { db }: Publishing,
  { limit, after, publisher, campaign, state }: ApplicationsQuery,
): Promise<Page<ApplicationView>> {
  const from = after === undefined ? null : cursorIn(after);
  const { rows } = await sql<Application>`
    select * from applications
     where (${publisher ?? null}::text is null or publisher = ${publisher ?? null})
       and (${campaign ?? null}::text is null or campaign = ${campaign ?? null})
       and (${state ?? null}::text is null or state = ${state ?? null})
       and (${from?.at ?? null}::timestamptz is null
         or applied_at < ${from?.at ?? null}
         or (applied_at = ${from?.at ?? null} and id > ${from?.id ?? null}))
     order by applied_at desc, id limit ${limit + 1}`.execute(db);
  return cutToPage(await applicationViews(db, rows), limit, ({ id, applied_at }) => `${applied_at}_${id}`);
}

/** Null where there is none, or where it is another's than `who` asks for. */
export async function showApplication(
  { db }: Publishing,
  id: string,
  who: Who,
): Promise<ApplicationView | null> {
  const found = await findApplication(db, id, who);
  return 'ok' in found ? null : applicationView(db, found);
}

function cursorIn(text: string): { readonly at: Date; readonly id: string } | null {
  const [time = '', id = ''] = text.split('_');
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? null : { at, id };
}

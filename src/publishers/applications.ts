/** Applications as they stand in the records, with the numbers that they hold. */
import { sql, type Kysely, type Selectable } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { ApplicationsTable } from '../records/schema/publishers.ts';
import { after, type Step } from './application-states.ts';
import { refused, type Refused, type Who } from './publishing.ts';
import type { ApplicationView, HeldNumber } from './views.ts';

export type Application = Selectable<ApplicationsTable>;

type Db = Kysely<Schema>;

/** Another publisher's is as unknown as one that never was. */
export async function findApplication(
  db: Db,
  id: string,
  { publisher }: Who,
): Promise<Application | Refused<'unknown_application'>> {
  const found = await db.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst();
  return found && (publisher === null || publisher === found.publisher)
    ? found
    : refused('unknown_application', `there is no application ${id}`);
}

/** Takes a step that the state of the application allows. */
export async function step(
  db: Db,
  { id, state }: Application,
  taken: Step,
  { by, why, at }: { readonly by: Who; readonly why?: string | undefined; readonly at: Date },
): Promise<Application | Refused<'wrong_state'>> {
  const next = after(state, taken);
  if (next === null) return wrongState({ id, state }, taken);
  return db
    .updateTable('applications')
    .set({ state: next, decided_at: at, decided_by: by.name, why: why ?? null })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export const wrongState = (
  { id, state }: Pick<Application, 'id' | 'state'>,
  taken: Step,
): Refused<'wrong_state'> =>
  refused('wrong_state', `application ${id} is ${state}: it cannot be ${participles[taken]}`);

const participles: Readonly<Record<Step, string>> = {
  approve: 'approved',
  refuse: 'refused',
  withdraw: 'withdrawn',
  pause: 'paused',
  resume: 'resumed',
  end: 'ended',
};

export async function applicationView(db: Db, application: Application): Promise<ApplicationView> {
  const [view] = await applicationViews(db, [application]);
  if (view === undefined) throw new Error('an application has a view');
  return view;
}

export async function applicationViews(
  db: Db,
  applications: readonly Application[],
): Promise<readonly ApplicationView[]> {
  const held = await numbersOf(
    db,
    applications.map(({ id }) => id),
  );
  return applications.map((application) => ({
    ...application,
    applied_at: application.applied_at.toISOString(),
    decided_at: application.decided_at?.toISOString() ?? null,
    numbers: held.get(application.id) ?? [],
  }));
}

async function numbersOf(
  db: Db,
  applications: readonly string[],
): Promise<ReadonlyMap<string, readonly HeldNumber[]>> {
  if (applications.length === 0) return new Map();
  const rows = await db
    .selectFrom('holdings')
    .select(['application', 'number', 'use', 'held_from'])
    .where('application', '=', sql<string>`any(${applications})`)
    .where('held_until', 'is', null)
    .orderBy('id')
    .execute();
  const held = new Map<string, HeldNumber[]>();
  for (const { application, number, use, held_from } of rows) {
    const numbers = held.get(application) ?? [];
    numbers.push({ number, use, held_from: held_from.toISOString() });
    held.set(application, numbers);
  }
  return held;
}

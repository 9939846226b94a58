/** A publisher would like to work for a campaign. */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { alive } from './application-states.ts';
import { applicationView } from './applications.ts';
import { poolOf, type Given } from './given.ts';
import { showPublisher } from './list-publishers.ts';
import { refused, type Publishing, type Refused } from './publishing.ts';
import { isLine } from './texts.ts';
import { inTurn } from './turn.ts';
import type { ApplicationView } from './views.ts';

export interface ToApply {
  readonly publisher: string;
  readonly campaign: string;
  /** The publisher's own label; none: the campaign's calls are not told apart. */
  readonly source?: string | null;
}

export type Applied =
  | { readonly ok: true; readonly application: ApplicationView }
  | Refused<
      | 'bad_source'
      | 'unknown_publisher'
      | 'ended_publisher'
      | 'unknown_campaign'
      | 'ended_campaign'
      | 'no_pool'
      | 'already_applied'
    >;

export async function apply({ db, given, clock }: Publishing, asked: ToApply): Promise<Applied> {
  const { publisher, campaign, source = null } = asked;
  if (source !== null && !isLine(source, 100))
    return refused('bad_source', 'a source is one line of at most 100 characters');
  // In the turn, so that a publisher who ends meanwhile has not applied afterwards.
  return inTurn(db, async (trx) => {
    const known = await showPublisher(trx, given(), publisher);
    if (!known) return refused('unknown_publisher', `there is no publisher ${publisher}`);
    if (known.state === 'ended') return refused('ended_publisher', `publisher ${publisher} has ended`);
    const closed = await notOpen(trx, given(), campaign);
    if (closed) return closed;
    const application = await trx
      .insertInto('applications')
      .values({ id: randomUUID(), publisher, campaign, source, applied_at: await clock(trx) })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (application) return { ok: true, application: await applicationView(trx, application) };
    return refused('already_applied', await living(trx, { publisher, campaign, source }));
  });
}

/** What has been applied for once, and is in no config any more, has ended. */
async function notOpen(
  db: Kysely<Schema>,
  given: Given,
  campaign: string,
): Promise<Refused<'unknown_campaign' | 'ended_campaign' | 'no_pool'> | null> {
  if (given.network.campaigns.has(campaign))
    return poolOf(given, campaign) === null
      ? refused('no_pool', `campaign ${campaign} has no pool of numbers to give out`)
      : null;
  const before = await db
    .selectFrom('applications')
    .select('id')
    .where('campaign', '=', campaign)
    .executeTakeFirst();
  return before
    ? refused('ended_campaign', `campaign ${campaign} has ended`)
    : refused('unknown_campaign', `there is no campaign ${campaign}`);
}

async function living(
  db: Kysely<Schema>,
  { publisher, campaign, source }: { publisher: string; campaign: string; source: string | null },
): Promise<string> {
  const found = await db
    .selectFrom('applications')
    .select(['id', 'state'])
    .where('publisher', '=', publisher)
    .where('campaign', '=', campaign)
    .where('source', 'is not distinct from', source)
    .where('state', 'in', alive)
    .executeTakeFirstOrThrow();
  const what = source === null ? campaign : `${campaign} as ${source}`;
  return `${publisher} has applied to ${what} already: application ${found.id} is ${found.state}`;
}

/** Gives a number of a pool to an application: picks it, and opens the holding. In the turn of holdings only. */
import type { Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Application } from './applications.ts';
import { badChoice, inWords, type NumberChoice } from './choice.ts';
import { poolOf, type Given } from './given.ts';
import { firstFree } from './free-numbers.ts';
import { lastHoldings, poolOfNumber, restsUntil, type LastHolding } from './inventory.ts';
import { refused, type Refused } from './publishing.ts';

interface HandedOver {
  readonly ok: true;
  readonly number: string;
  readonly from: Date;
}

export type HandOverRefusal = 'ended_campaign' | 'no_pool' | 'bad_choice' | 'empty_pool';

type Trx = Transaction<Schema>;

interface Taker {
  readonly application: Application;
  readonly use: 'fixed' | 'visitors';
  readonly now: Date;
}

/** Of the pool of the application's campaign: of those that fit the one longest free, then the lowest. */
export async function handOver(
  trx: Trx,
  given: Given,
  choice: NumberChoice,
  taker: Taker,
): Promise<HandedOver | Refused<HandOverRefusal>> {
  const wrong = badChoice(choice);
  if (wrong) return wrong;
  const pool = poolFor(given, taker.application);
  if (typeof pool !== 'string') return pool;
  const number = await firstFree(trx, given, pool, { choice, now: taker.now });
  if (number === null) return refused('empty_pool', `pool ${pool} has no free ${inWords(choice)}`);
  const last = (await lastHoldings(trx, [number])).get(number);
  return give(trx, { number, last, pool, coolOff: coolOffOf(given, pool), taker });
}

/** This very number, where it is free. */
export async function handOverThis(
  trx: Trx,
  given: Given,
  number: string,
  taker: Taker,
): Promise<HandedOver | Refused<'ended_campaign' | 'no_pool' | 'not_in_pool' | 'not_free'>> {
  const pool = poolFor(given, taker.application);
  if (typeof pool !== 'string') return pool;
  const owner = given.network.numbers.get(number);
  if (owner) return refused('not_free', `${number} is given to ${owner.publisher} by the config`);
  if ((await poolOfNumber(trx, given, number)) !== pool)
    return refused(
      'not_in_pool',
      `${number} is not in pool ${pool} of campaign ${taker.application.campaign}`,
    );
  const last = (await lastHoldings(trx, [number])).get(number);
  const coolOff = coolOffOf(given, pool);
  if (last?.until === null)
    return refused('not_free', `${number} is held by ${last.publisher} (application ${last.application})`);
  if (!isFree(last, coolOff, taker.now)) {
    const until = restsUntil(last, coolOff)?.toISOString() ?? '';
    return refused('not_free', `${number} rests until ${until}`);
  }
  return give(trx, { number, pool, last, coolOff, taker });
}

export function poolFor(
  given: Given,
  { campaign }: Pick<Application, 'campaign'>,
): string | Refused<'ended_campaign' | 'no_pool'> {
  if (!given.network.campaigns.has(campaign))
    return refused('ended_campaign', `campaign ${campaign} has ended`);
  return poolOf(given, campaign) ?? refused('no_pool', `campaign ${campaign} has no pool of numbers`);
}

/** A clock that is behind the one of whoever released it makes it rest a little longer. */
function isFree(last: LastHolding | undefined, coolOff: number, now: Date): boolean {
  if (last === undefined) return true;
  const until = restsUntil(last, coolOff);
  return until !== null && until <= now;
}

const coolOffOf = ({ pools }: Given, pool: string): number => pools.get(pool)?.coolOff ?? 0;

async function give(
  trx: Trx,
  {
    number,
    pool,
    last,
    coolOff,
    taker,
  }: {
    readonly number: string;
    readonly pool: string;
    readonly last: LastHolding | undefined;
    readonly coolOff: number;
    readonly taker: Taker;
  },
): Promise<HandedOver> {
  const { application, use, now } = taker;
  const from = beginning(restsUntil(last, coolOff), now);
  await trx
    .insertInto('holdings')
    .values({
      ...{ number, pool, use, held_from: from, held_until: null },
      campaign: application.campaign,
      publisher: application.publisher,
      source: application.source,
      application: application.id,
    })
    .execute();
  return { ok: true, number, from };
}

/** By then every switch has heard that the number changes hands. */
const noticeMs = 2_000;

/** A number that nobody held is its holder's at once; another one at a whole second that lies ahead. */
export function beginning(restedAt: Date | null, now: Date): Date {
  if (restedAt === null) return now;
  const earliest = Math.max(restedAt.getTime(), now.getTime() + noticeMs);
  return new Date(Math.ceil(earliest / 1000) * 1000);
}

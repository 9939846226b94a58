/** Where the YAML gives a number to one and the records to another. The YAML wins; somebody must put it right. */
import type { Kysely } from 'kysely';
import type { Holder } from '../records/holders.ts';
import type { Schema } from '../records/schema.ts';
import type { Given } from './given.ts';

export interface NumberClash {
  readonly number: string;
  readonly given: Holder;
  readonly held: Holder & { readonly application: string };
}

export async function numberClashes(
  db: Kysely<Schema>,
  { network }: Pick<Given, 'network'>,
): Promise<readonly NumberClash[]> {
  const open = await db
    .selectFrom('holdings')
    .select(['number', 'campaign', 'publisher', 'source', 'application'])
    .where('held_until', 'is', null)
    .orderBy('number')
    .execute();
  return open.flatMap(({ number, ...held }) => {
    const given = network.numbers.get(number);
    if (!given || isSame(given, held)) return [];
    const { campaign, publisher, source } = given;
    return [{ number, given: { campaign, publisher, source }, held }];
  });
}

const isSame = (a: Holder, b: Holder): boolean =>
  a.campaign === b.campaign && a.publisher === b.publisher && a.source === b.source;

export const holderInWords = ({ campaign, publisher, source }: Holder): string =>
  `${publisher} for ${campaign}${source === null ? '' : ` as ${source}`}`;

/** Who held which number then: of calls that were, however often their numbers have changed hands since. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

export interface Holder {
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
}

/** `at`: milliseconds since the epoch. Null: nobody held it then. */
export type Holders = (number: string, at: number) => Holder | null;

/** Knows of the numbers that were called in [since, until), and of that time alone. */
export async function holdersOf(db: Kysely<Schema>, since: Date, until: Date): Promise<Holders> {
  const { rows } = await sql<Holder & { number: string; held_from: Date; held_until: Date | null }>`
    select number, campaign, publisher, source, held_from, held_until from holdings
     where held_from < ${until} and (held_until is null or held_until > ${since})
       and number in (select to_number from calls where started_at >= ${since} and started_at < ${until})
     order by held_from`.execute(db);
  const ofNumber = new Map<string, (Holder & { from: number; until: number })[]>();
  for (const { number, held_from, held_until, ...holder } of rows) {
    const held = { ...holder, from: held_from.getTime(), until: held_until?.getTime() ?? Infinity };
    const known = ofNumber.get(number);
    if (known) known.push(held);
    else ofNumber.set(number, [held]);
  }
  return (number, at) => {
    const found = ofNumber.get(number)?.find((one) => one.from <= at && at < one.until);
    if (!found) return null;
    const { campaign, publisher, source } = found;
    return { campaign, publisher, source };
  };
}

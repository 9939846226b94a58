/** What was reported of a call after it ended: of each key the newest revision holds. */
import { sql, type Transaction } from 'kysely';
import type { Money } from '../../settlement/money.ts';
import type { Facts } from '../../settlement/settle.ts';
import type { Schema } from '../schema.ts';

export interface Report {
  readonly key: string;
  readonly revision: number;
  readonly name: string;
  /** Null where it named none. */
  readonly amount: Money | null;
}

export async function reportsOf(trx: Transaction<Schema>, call: string): Promise<readonly Report[]> {
  const { rows } = await sql<Report>`
    select distinct on (key) key, revision, name, amount from conversions
     where call_id = ${call} order by key, revision desc`.execute(trx);
  return rows;
}

/** Several reports of one name add up. */
export function reportedBy(reports: readonly Report[]): Facts['reported'] {
  const sums = new Map<string, Money | null>();
  for (const { name, amount } of reports) {
    const sum = sums.get(name) ?? null;
    sums.set(name, amount === null ? sum : (sum ?? 0n) + amount);
  }
  return sums;
}

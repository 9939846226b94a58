/** What of a routing table's terms those need who only write amounts down. */
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

const digits = new Map<string, number>();

/** Digits after the point in a currency's minor unit: 2 for USD, 0 for JPY. Asked for each amount of long lists. */
export function minorDigitsOf(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const found = format.resolvedOptions().maximumFractionDigits ?? 2;
  digits.set(currency, found);
  return found;
}

/** The currency of each of these tables, by hash; those whose terms never came are missing. */
export async function currenciesOf(
  db: Kysely<Schema>,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (tables.length === 0) return new Map();
  const rows = await db
    .selectFrom('routing_tables')
    .select(['hash', 'currency'])
    .where('hash', 'in', [...tables])
    .execute();
  return new Map(
    rows.flatMap(({ hash, currency }) => (currency === null ? [] : [[hash, currency] as const])),
  );
}

/** Those of all tables that calls were ever routed by. */
export async function currenciesInUse(db: Kysely<Schema>): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('routing_tables')
    .select('currency')
    .distinct()
    .where('currency', 'is not', null)
    .orderBy('currency')
    .execute();
  return rows.flatMap(({ currency }) => currency ?? []);
}

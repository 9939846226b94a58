/** What a report may be cut by, and how the database finds it. */
import { sql, type RawBuilder } from 'kysely';

export const reportKeys = ['campaign', 'publisher', 'source', 'buyer', 'state', 'day', 'hour'] as const;
export type ReportKey = (typeof reportKeys)[number];

/**
 * Reading a time zone's clock costs more than all else of a row: calls are gathered by the quarter of an hour, the grain
 * at which every zone's hours begin, and only the quarters are put on the clock.
 */
export const quarter = sql`date_bin('15 minutes', started_at, 'epoch')`;
export const isOfTime = (key: ReportKey): boolean => key === 'day' || key === 'hour';

/** Of what was gathered by `gatheredBy`. */
export function keyValue(key: ReportKey, timezone: string): RawBuilder<unknown> {
  const clock = sql`quarter at time zone ${timezone}`;
  switch (key) {
    case 'day':
      return sql`to_char(${clock}, 'YYYY-MM-DD')`;
    case 'hour':
      return sql`extract(hour from ${clock})::int`;
    case 'source':
      // A publisher's own label: two publishers' `radio` are two sources.
      return sql`case when source is null then publisher else publisher || '/' || source end`;
    default:
      return sql.ref(key);
  }
}

/** The columns to gather by. */
export function gatheredBy(keys: readonly ReportKey[]): readonly RawBuilder<unknown>[] {
  const columns = new Set<string>();
  for (const key of keys) {
    if (isOfTime(key)) continue;
    columns.add(key);
    if (key === 'source') columns.add('publisher');
  }
  const refs: RawBuilder<unknown>[] = [...columns].map((column) => sql.ref(column));
  return keys.some(isOfTime) ? [...refs, sql`${quarter} as quarter`] : refs;
}

/** The network's day so far, hour by hour on its own clock. */
import type { Kysely } from 'kysely';
import { periodEnd, periodStart } from '../../calendar/period.ts';
import type { Schema } from '../schema.ts';
import type { Figures } from './figures.ts';
import { report } from './report.ts';

export interface Today {
  readonly timezone: string;
  /** When the day began, ISO 8601. */
  readonly since: string;
  /** Hours in which calls began, 0 to 23, in order; one for each currency. */
  readonly hours: readonly ({ readonly hour: number } & Figures)[];
  /** One for each currency. */
  readonly totals: readonly Figures[];
}

/** Of calls whose end the database knows. */
export async function today(db: Kysely<Schema>, timezone: string, now: Date): Promise<Today> {
  const from = new Date(periodStart('day', timezone, now.getTime()));
  const to = new Date(periodEnd('day', timezone, now.getTime()));
  const { rows, totals } = await report(db, { by: ['hour'], from, to, timezone });
  return {
    timezone,
    since: from.toISOString(),
    hours: rows.map(({ keys, ...figures }) => ({ hour: Number(keys[0]), ...figures })),
    totals,
  };
}

import { paidCalls } from '../records/calls-to-replay.ts';
import { holdersOf } from '../records/holders.ts';
import { paidByDay, paidEver } from '../records/paid-out.ts';
import type { Records } from '../records/open-records.ts';
import { callerHistory, history } from '../records/remembered.ts';
import { horizonOf, lookBackOf } from '../routing/look-back.ts';
import { capPeriod } from '../settlement/cap-period.ts';
import type { PaidBefore } from './payouts.ts';
import type { Past, ReplayConfig } from './stage.ts';

/**
 * As far back as any of these configs asks, up to `from`: what happened before counts for each of them as it did. And who
 * held which number until `to`.
 */
export async function readPast(
  db: Records['db'],
  configs: readonly ReplayConfig[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<Past> {
  const now = from.getTime();
  const horizons = configs.map(({ network }) => horizonOf(lookBackOf(network), now));
  const counts = Math.min(...horizons.map(({ counts, performance }) => Math.min(counts, performance)));
  const callers = Math.min(...horizons.map((horizon) => horizon.callers));
  const windows = configs.flatMap(({ terms }) =>
    [...terms.buyers.values(), ...terms.campaigns.values()].map(({ oncePerCaller }) => oncePerCaller ?? 0),
  );
  const paidSince = new Date(now - Math.max(0, ...windows));
  return {
    quarters: await history(db, counts, now),
    callers: await callerHistory(db, callers, now),
    paid: await paidCalls(db, paidSince, from),
    payouts: await readPayouts(db, configs, from),
    holders: await holdersOf(db, from, to),
  };
}

async function readPayouts(
  db: Records['db'],
  configs: readonly ReplayConfig[],
  from: Date,
): Promise<PaidBefore> {
  const books = configs.map(({ terms }) => terms);
  const capped = books.flatMap(({ publishers }) =>
    [...publishers.values()].filter(({ caps }) => caps.length > 0),
  );
  const publishers = [...new Set(capped.map(({ publisher }) => publisher))];
  const starts = books.flatMap((book) =>
    [...book.publishers.values()].flatMap(({ caps }) =>
      caps.map(({ per }) => capPeriod(per, book.timezone, from.getTime()).from),
    ),
  );
  const since = new Date(Math.min(from.getTime(), ...starts.filter(Number.isFinite)));
  // Days of one network: its zone is one of the things that a config hardly changes.
  const timezone = books[0]?.timezone ?? 'UTC';
  return {
    byDay: await paidByDay(db, publishers, { since, until: from, timezone }),
    ever: await paidEver(db, publishers, from),
  };
}

import { paidCalls } from '../records/calls-to-replay.ts';
import { holdersOf } from '../records/holders.ts';
import { paidOutIn } from '../records/paid-out.ts';
import type { Records } from '../records/open-records.ts';
import { callerHistory, history } from '../records/remembered.ts';
import { horizonOf, lookBackOf } from '../routing/look-back.ts';
import { capSums } from '../settlement/cap-sums.ts';
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
    paidOut: await paidOutBefore(db, configs, from),
    holders: await holdersOf(db, from, to),
  };
}

/** Of the periods in which the first of the calls begins: of later ones nothing was paid before. */
function paidOutBefore(
  db: Records['db'],
  configs: readonly ReplayConfig[],
  from: Date,
): Promise<Past['paidOut']> {
  const sums = configs.flatMap(({ terms }) =>
    [...terms.publishers.keys()].flatMap((publisher) =>
      capSums({ publisher, endedAt: from.getTime() }, terms),
    ),
  );
  return paidOutIn(db, sums, { what: 'started_at', at: from });
}

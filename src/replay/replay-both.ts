/** The recorded calls of a time, decided anew by two configs, side by side and page by page. */
import { callsToReplay } from '../records/calls-to-replay.ts';
import type { Records } from '../records/open-records.ts';
import { Comparing, type Comparison } from './compare.ts';
import { LearntConducts } from './conduct.ts';
import { readPast } from './read-past.ts';
import { Replay } from './replay.ts';
import type { ReplayConfig } from './stage.ts';

/** They are read twice: how buyers take calls is learnt from all of them before the first is decided. */
export function replayBoth(
  db: Records['db'],
  before: ReplayConfig,
  after: ReplayConfig,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<Comparison> {
  // All of the records are seen as they stood at one moment.
  const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return snapshot.execute(async (trx) => {
    const past = await readPast(trx, [before, after], { from, to });
    const conducts = new LearntConducts();
    for await (const calls of callsToReplay(trx, from, to)) for (const call of calls) conducts.learn(call);
    const comparing = new Comparing();
    const replays = [
      new Replay(before, past, conducts, comparing.decidedBefore),
      new Replay(after, past, conducts, comparing.decidedAfter),
    ];
    for await (const calls of callsToReplay(trx, from, to)) for (const one of replays) one.take(calls);
    for (const one of replays) one.finish();
    return comparing.comparison();
  });
}

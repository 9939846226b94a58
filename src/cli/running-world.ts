import type { Snapshot } from '../calls/snapshot.ts';
import type { Config } from '../config/config.ts';
import { bad, good, type Parsed } from '../config/values/parsed.ts';
import type { Figures } from '../routing/figures.ts';
import { askSwitch, detailOf } from './ask-switch.ts';

/** What the running switch sees that bears on a call of this campaign by this caller. */
export async function snapshotFrom(
  config: Config,
  call: { readonly campaign: string; readonly publisher: string; readonly caller: string | null },
): Promise<Parsed<Snapshot>> {
  const { campaign, publisher, caller } = call;
  const query = new URLSearchParams({ campaign, publisher, ...(caller !== null && { caller }) });
  const answer = await askSwitch(config, 'GET', `/api/v1/world?${query.toString()}`);
  if (!answer.ok) return bad(answer.message, answer.hint);
  if (answer.status === 200) return good(answer.body as Snapshot);
  if (answer.status !== 404) return bad(`the switch answered ${answer.status}: ${detailOf(answer.body)}`, '');
  return bad(
    `the running switch has no campaign ${campaign}`,
    'tollbridge reload, or see which config it runs on',
  );
}

/** `before` where the switch saw nothing. Nobody bids: to ask bidders about a call that does not come would cost them. */
export function worldFrom(snapshot: Snapshot, before: Figures): Figures {
  const { subjects, buyers, trunks } = snapshot;
  return {
    ...before,
    live: (subject) => subjects[subject]?.live ?? before.live(subject),
    counted: (subject, count, per) =>
      subjects[subject]?.counted?.[`${count}.${per}`] ?? before.counted(subject, count, per),
    startedThisSecond: (trunk) => trunks[trunk]?.started_this_second ?? before.startedThisSecond(trunk),
    trunkUp: (trunk) => trunks[trunk]?.down !== true,
    trunkRests: (trunk) => trunks[trunk]?.rests ?? null,
    lastOffered: (buyer) => buyers[buyer]?.offered ?? before.lastOffered(buyer),
    callerSeen: (caller, campaign, buyer, kind) =>
      buyers[buyer]?.seen?.[kind] ?? before.callerSeen(caller, campaign, buyer, kind),
    performance: (campaign, buyer, over) =>
      buyers[buyer]?.performance ?? before.performance(campaign, buyer, over),
  };
}

import type { NumberNow, Snapshot, SnapshotQuery } from '../calls/shown/snapshot.ts';
import type { Config } from '../config/config.ts';
import { bad, good, type Parsed } from '../config/values/parsed.ts';
import type { Figures } from '../routing/figures.ts';
import type { NumberEntry, RoutingTable } from '../routing/table.ts';
import { askSwitch, detailOf } from './ask-switch.ts';
import { refuse } from './context.ts';

/** What the running switch sees that bears on such a call; null: it knows nobody who holds the number that is asked for. */
export async function snapshotFrom(
  config: Pick<Config, 'http'>,
  { of, caller }: SnapshotQuery,
): Promise<Parsed<Snapshot | null>> {
  const whose = typeof of === 'string' ? { number: of } : of;
  const query = new URLSearchParams({ ...whose, ...(caller !== null && { caller }) });
  const answer = await askSwitch(config, 'GET', `/api/v1/world?${query.toString()}`);
  if (!answer.ok) return bad(answer.message, answer.hint);
  if (answer.status === 200) return good(answer.body as Snapshot);
  if (answer.status !== 404) return bad(`the switch answered ${answer.status}: ${detailOf(answer.body)}`, '');
  return typeof of === 'string'
    ? good(null)
    : bad(
        `the running switch has no campaign ${of.campaign}`,
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

/** Of a number that the config gives to nobody; null where nobody holds it for one of its campaigns. */
export function heldEntry(table: RoutingTable, held: NumberNow | undefined): NumberEntry | null {
  const campaign = held && table.campaigns.get(held.campaign)?.campaign;
  return campaign ? { campaign, publisher: held.publisher, source: held.source } : null;
}

interface AsSeen {
  /** Null: nobody holds the number, or no switch was asked. */
  readonly snapshot: Snapshot | null;
}
export const notAsked: AsSeen = { snapshot: null };

/** Null: refused, and told so. */
export async function asTheSwitchSees(config: Config, call: SnapshotQuery): Promise<AsSeen | null> {
  const snapshot = await snapshotFrom(config, call);
  if (!snapshot.ok) {
    refuse(snapshot.message, snapshot.hint);
    return null;
  }
  const table = snapshot.value?.table ?? config.hash;
  // The answer is that of the config given, in the world of the switch.
  if (table !== config.hash) {
    process.stderr.write(`note: the switch routes by table ${table}, this config is table ${config.hash}\n`);
  }
  return { snapshot: snapshot.value };
}

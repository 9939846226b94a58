/** Buyers that can never take a call, of anyone or of one campaign; and campaigns that have no other. */
import { attributesRead } from '../../conditions/condition.ts';
import { describe } from '../../conditions/describe.ts';
import type { Buyer, Cap, Campaign } from '../../routing/network.ts';
import { contradiction } from '../conditions/can-hold.ts';
import { anyCall } from '../conditions/domains.ts';
import type { Path } from '../yaml/tree.ts';
import { contradictionIn } from './condition-places.ts';
import { routesIn } from './routes-in.ts';
import type { Judged } from './judged.ts';

/** Which buyers never take a call, by campaign. */
export type Idle = ReadonlyMap<string, ReadonlySet<string>>;

export function neverTakes(judged: Judged): Idle {
  const { network } = judged.config;
  const idle = new Set<string>();
  for (const buyer of network.buyers.values()) if (tellIdle(buyer, judged)) idle.add(buyer.id);
  for (const { id, caps } of network.publishers.values()) tellClosed(['publishers', id], caps, judged);
  return new Map(
    [...network.campaigns.values()].map((campaign) => [campaign.id, idleIn(campaign, idle, judged)]),
  );
}

function tellIdle(buyer: Buyer, judged: Judged): boolean {
  const { report, tree } = judged;
  const path = ['buyers', buyer.id];
  if (buyer.paused) {
    report.warning(
      [...path, 'paused'],
      'this buyer takes no calls',
      'paused: false once it is to take them again',
    );
  }
  const closed = isNeverOpen(buyer);
  if (closed)
    report.warning([...path, 'hours'], 'this buyer is never open', 'paused: true says so plainly', 'key');
  const full = tellClosed(path, buyer.caps, judged);
  const accepts = { path: [...path, 'accepts'], conditions: buyer.accepts };
  const against = contradictionIn(accepts, anyCall, tree);
  if (against !== null) {
    report.warning(against.path, `no call can be accepted: ${against.words}`, against.hint, 'key');
  }
  return buyer.paused || closed || full || against !== null;
}

function isNeverOpen({ hours }: Buyer): boolean {
  if (hours === 'always') return false;
  return [...hours.weekly.values(), ...hours.except.values()].every((ranges) => ranges.length === 0);
}

/** A cap of nothing is full before the first call. */
function tellClosed(path: Path, caps: readonly Cap[], { report }: Judged): boolean {
  const index = caps.findIndex(({ limit }) => limit === 0);
  if (index < 0) return false;
  report.warning(
    [...path, 'caps', index, 'limit'],
    'a limit of 0 lets no call through',
    'paused: true at a buyer says so plainly',
  );
  return true;
}

function idleIn(campaign: Campaign, idle: ReadonlySet<string>, judged: Judged): Set<string> {
  const { report, tree, config } = judged;
  const base = ['campaigns', campaign.id];
  const closed = tellClosed(base, campaign.caps, judged);
  const here = new Set<string>();
  for (const { route, path, whole } of routesIn(campaign, tree)) {
    const buyer = config.network.buyers.get(route.buyer);
    const full = tellClosed(whole, route.caps, judged);
    if (full || buyer === undefined || idle.has(buyer.id)) here.add(route.buyer);
    else if (tellUnwanted(buyer, campaign, path, judged)) here.add(route.buyer);
  }
  if (!closed && here.size === campaign.routing.routes.length) {
    const message = 'no buyer of this campaign can ever take a call';
    report.warning(
      [...base, 'routing', 'routes'],
      message,
      'each of them is paused, closed or accepts none',
      'key',
    );
  }
  return here;
}

/** What a campaign blocks, or what its menu and numbers never say, may be all that a buyer accepts. */
function tellUnwanted(buyer: Buyer, { id }: Campaign, path: Path, { calls, report }: Judged): boolean {
  const of = calls.get(id);
  if (
    of === undefined ||
    !buyer.accepts.some((one) => attributesRead(one).some((name) => of.narrow.has(name)))
  )
    return false;
  const core = contradiction(buyer.accepts, of.domains);
  if (core === null) return false;
  const words = core.flatMap((index) => buyer.accepts[index] ?? []).map(describe);
  const message = `${buyer.id} can take no call of this campaign: it accepts only ${words.join(' and ')}`;
  report.warning(path, message, 'no caller, number or menu of the campaign has it so');
  return true;
}

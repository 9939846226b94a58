/** Routes that come so late that the attempts are used up before them. */
import type { Buyer, Campaign, Network, Route } from '../../routing/network.ts';
import type { Idle } from './never-takes.ts';
import { routesIn } from './routes-in.ts';
import type { Judged } from './judged.ts';

export function unreachedRoutes(judged: Judged, idle: Idle): void {
  const { config, report, tree } = judged;
  for (const campaign of config.network.campaigns.values()) {
    const { attempts, routes } = campaign.routing;
    // Whom a repeat caller may not reach again costs no attempt.
    if (routes.length <= attempts || sortsOutRepeats(campaign)) continue;
    const ready = routes.filter((route) => standsReady(route, config.network));
    for (const { route, path } of routesIn(campaign, tree)) {
      if (idle.get(campaign.id)?.has(route.buyer) === true) continue;
      const before = new Set(ready.filter((other) => comesBefore(other, route, campaign)).map(attemptOf));
      if (before.size < attempts) continue;
      const count = `${before.size} ${before.size === 1 ? 'route' : 'routes'}`;
      const message = `is tried only when a trunk is down: ${count} before it always stand ready, and attempts is ${attempts}`;
      report.warning(path, message, 'raise attempts, or give it a lower priority number and a weight');
    }
  }
}

const sortsOutRepeats = ({ repeatCaller }: Campaign): boolean =>
  repeatCaller?.treat === 'same_buyer' || repeatCaller?.treat === 'other_buyer';

/** Nothing but a trunk that is down can ever leave it out. */
function standsReady(route: Route, network: Network): boolean {
  const buyer = network.buyers.get(route.buyer);
  const trunk = network.trunks.get(buyer?.trunk ?? '');
  if (buyer === undefined || trunk === undefined || !isUnlimited(route)) return false;
  return isOpenToAll(buyer) && trunk.concurrency === null && trunk.cps === null;
}

const isUnlimited = ({ concurrency, caps }: Pick<Buyer, 'concurrency' | 'caps'>): boolean =>
  concurrency === null && caps.length === 0;

const isOpenToAll = (buyer: Buyer): boolean =>
  isUnlimited(buyer) &&
  !buyer.paused &&
  buyer.hours === 'always' &&
  buyer.spacing === 0 &&
  buyer.accepts.length === 0 &&
  buyer.bid === null;

/** Whatever the dice say. Among one priority only weight 0 is certain to be last, where weights draw the order. */
function comesBefore(one: Route, other: Route, { routing }: Campaign): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  return routing.strategy === 'priority' && one.weight > 0 && other.weight === 0;
}

/** A ring group is one attempt. */
const attemptOf = ({ buyer, group }: Route): string => (group === null ? `buyer ${buyer}` : `group ${group}`);

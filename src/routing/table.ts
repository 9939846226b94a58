/**
 * A network made ready for many calls: the routes of each campaign sorted, conditions and hours compiled, every
 * reference resolved. Made once for each config, frozen, swapped as a whole; a call keeps the table it began with.
 */
import { compileConditions, type Predicate } from '../conditions/evaluate.ts';
import { compileHours, type OpenAt } from './hours.ts';
import type { Campaign, Network, Route } from './network.ts';
import type { PlannedAttempt } from './plan.ts';

export interface RoutingTable {
  readonly network: Network;
  /** The network's own, for numbers without a country code and for `call.hour`. */
  readonly country: string;
  readonly timezone: string;
  readonly campaigns: ReadonlyMap<string, CompiledCampaign>;
  /** By E.164; null where the number is not ours. */
  number(e164: string): NumberEntry | null;
}

/** Whom a call to a tracking number belongs to. */
export interface NumberEntry {
  readonly number: string;
  readonly campaign: Campaign;
  readonly publisher: string;
  readonly source: string | null;
}

export interface CompiledCampaign {
  readonly campaign: Campaign;
  /** By priority, lowest first; as the config lists them within one. */
  readonly routes: readonly CompiledRoute[];
}

export interface CompiledRoute {
  /** What a plan holds, made once: deciding allocates none. */
  readonly attempt: PlannedAttempt;
  readonly accepts: Predicate;
  readonly openAt: OpenAt;
}

/** Throws where a route names a buyer or trunk that the network lacks: the config's checks let none through. */
export function compile(network: Network): RoutingTable {
  const ready = new Map<string, Omit<CompiledRoute, 'attempt'>>();
  for (const buyer of network.buyers.values()) {
    ready.set(buyer.id, {
      accepts: compileConditions(buyer.accepts),
      openAt: compileHours(buyer.hours, buyer.timezone),
    });
  }

  const compileRoute = (campaign: Campaign, route: Route): CompiledRoute => {
    const buyer = network.buyers.get(route.buyer);
    const trunk = buyer && network.trunks.get(buyer.trunk);
    const parts = ready.get(route.buyer);
    if (buyer === undefined || trunk === undefined || parts === undefined) {
      throw new Error(`campaign ${campaign.id} routes to ${route.buyer}, whose entry or trunk is missing`);
    }
    return Object.freeze({ ...parts, attempt: Object.freeze({ buyer, trunk, route }) });
  };

  const campaigns = new Map<string, CompiledCampaign>();
  for (const campaign of network.campaigns.values()) {
    const sorted = campaign.routing.routes.toSorted((a, b) => a.priority - b.priority);
    const routes = Object.freeze(sorted.map((route) => compileRoute(campaign, route)));
    campaigns.set(campaign.id, Object.freeze({ campaign, routes }));
  }

  return Object.freeze({
    network,
    country: network.country,
    timezone: network.timezone,
    campaigns,
    number: (e164: string) => entryOf(network, e164),
  });
}

function entryOf(network: Network, e164: string): NumberEntry | null {
  const tracked = network.numbers.get(e164);
  const campaign = tracked && network.campaigns.get(tracked.campaign);
  if (tracked === undefined || campaign === undefined) return null;
  return { number: e164, campaign, publisher: tracked.publisher, source: tracked.source };
}

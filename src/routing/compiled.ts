/** A campaign made ready for many calls: routes sorted, every reference resolved, conditions and hours indexed. */
import { compileConditions, type Predicate } from '../conditions/evaluate.ts';
import { AcceptIndex, splitConditions, Vocabularies, type Acceptance } from './accept-index.ts';
import { allBits, type Bits } from './bits.ts';
import { compileHours, hoursKey, type Opening } from './hours.ts';
import { ifLimited, Limited, subjectOf } from './limits.ts';
import type { Buyer, Campaign, Network, RepeatCaller, Route, Subject, Trunk } from './network.ts';
import { OpenIndex } from './open-index.ts';
import type { PlannedAttempt } from './plan.ts';

export interface CompiledCampaign {
  readonly campaign: Campaign;
  /** Whether it blocks anybody. */
  readonly blocks: boolean;
  /** null: it takes no notice of repeat callers. */
  readonly repeatCaller: RepeatCaller | null;
  readonly strategy: Campaign['routing']['strategy'];
  readonly sticky: number | null;
  /** null: it has none. */
  readonly limits: Limited | null;
  /** By priority, lowest first; as the config lists them within one, the members of a ring group side by side. */
  readonly routes: readonly CompiledRoute[];
  /** Where the routes of each priority end, without the end itself. */
  readonly tierEnds: readonly number[];
  /** By place: apart from the routes, so that drawing among many touches few of them. */
  readonly weights: readonly number[];
  /** By place: members of a ring group have the same number, all others -1; null where there are no groups. */
  readonly groups: Int32Array | null;
  readonly accept: AcceptIndex;
  readonly open: OpenIndex;
  readonly all: Bits;
  /** Who is asked for a bid, each once. */
  readonly bidders: readonly Buyer[];
}

export interface CompiledRoute {
  /** What a plan holds, made once: deciding allocates none. */
  readonly attempt: PlannedAttempt;
  /** null: it has none of its own. */
  readonly limits: Limited | null;
  readonly buyer: CompiledBuyer;
}

/** First what every decision reads: it lies together, and the rest need not be fetched. */
export interface CompiledBuyer {
  /** `limits` where there is one that could be reached; and its trunk's. */
  readonly limited: Limited | null;
  readonly trunkLimited: Limited | null;
  readonly trunkId: string;
  /** What of its conditions no index holds. */
  readonly rest: Predicate | null;
  /** Has spacing, a bid, or a trunk with a limit on calls a second. */
  readonly isPaced: boolean;
  readonly paused: boolean;
  readonly limits: Limited;
  readonly buyer: Buyer;
  readonly trunk: CompiledTrunk;
  readonly acceptance: Acceptance;
  readonly opening: Opening;
  readonly worth: readonly { readonly pays: number; readonly holds: Predicate }[];
}

interface CompiledTrunk {
  readonly trunk: Trunk;
  readonly limits: Limited;
}

/** Undefined: the attempt is of another table. */
export function routeOf({ routes }: CompiledCampaign, attempt: PlannedAttempt): CompiledRoute | undefined {
  const route = routes[attempt.place];
  return route?.attempt === attempt ? route : undefined;
}

/** Each may be the first to its buyer, whose conditions and hours are then compiled. */
const routesAStep = 20;

/** What campaigns share: each buyer, trunk and set of hours compiled once, on first use. */
export class Compiler {
  readonly #network: Network;
  readonly #buyers = new Map<string, CompiledBuyer>();
  readonly #trunks = new Map<string, CompiledTrunk>();
  readonly #openings = new Map<string, Opening>();
  readonly #vocabularies = new Vocabularies();

  constructor(network: Network) {
    this.#network = network;
  }

  /** Yields between steps of well under a millisecond. Throws where a route names a buyer or trunk that is missing. */
  *campaign(campaign: Campaign): Generator<void, CompiledCampaign> {
    const subject = subjectOf.campaign(campaign.id);
    const limits = ifLimited(new Limited(subject, campaign));
    const routes: CompiledRoute[] = [];
    for (const route of inOrder(campaign.routing.routes)) {
      routes.push(this.#route(campaign, subject, route, routes.length));
      if (routes.length % routesAStep === 0) yield;
    }
    const bidders = routes
      .map(({ buyer }) => buyer.buyer)
      .filter(({ bid, paused }) => bid !== null && !paused);
    return Object.freeze({
      campaign,
      blocks: campaign.block.anonymous || campaign.block.callers.size > 0,
      repeatCaller: campaign.repeatCaller?.treat === 'any' ? null : campaign.repeatCaller,
      strategy: campaign.routing.strategy,
      sticky: campaign.routing.sticky,
      limits,
      routes: Object.freeze(routes),
      tierEnds: tierEndsOf(routes),
      weights: routes.map(({ attempt }) => attempt.route.weight),
      groups: groupsOf(routes),
      accept: new AcceptIndex(
        routes.map(({ buyer }) => buyer.acceptance),
        this.#vocabularies,
      ),
      open: new OpenIndex(
        routes.map(({ buyer }) => ({ opening: buyer.opening, paused: buyer.buyer.paused })),
      ),
      all: allBits(routes.length),
      bidders: Object.freeze([...new Set(bidders)]),
    });
  }

  #route(campaign: Campaign, campaignSubject: Subject, route: Route, place: number): CompiledRoute {
    const compiled = this.#buyer(campaign, route.buyer);
    const { buyer, trunk } = compiled;
    const subject = subjectOf.route(campaign.id, route.buyer);
    const subjects = Object.freeze([compiled.limits.subject, subject, campaignSubject, trunk.limits.subject]);
    const attempt = Object.freeze({ buyer, trunk: trunk.trunk, route, subjects, place });
    const isLimited = route.concurrency !== null || route.caps.length > 0;
    return Object.freeze({
      attempt,
      limits: isLimited ? new Limited(subject, route) : null,
      buyer: compiled,
    });
  }

  #buyer(campaign: Campaign, id: string): CompiledBuyer {
    const present = this.#buyers.get(id);
    if (present !== undefined) return present;
    const buyer = this.#network.buyers.get(id);
    const trunk = buyer && this.#trunk(buyer.trunk);
    if (buyer === undefined || trunk === undefined) {
      throw new Error(`campaign ${campaign.id} routes to ${id}, whose entry or trunk is missing`);
    }
    const limits = new Limited(subjectOf.buyer(id), buyer);
    const acceptance = splitConditions(buyer.accepts);
    const compiled = Object.freeze({
      limited: ifLimited(limits),
      trunkLimited: ifLimited(trunk.limits),
      trunkId: trunk.trunk.id,
      rest: acceptance.rest,
      isPaced: buyer.spacing > 0 || buyer.bid !== null || trunk.trunk.cps !== null,
      paused: buyer.paused,
      limits,
      buyer,
      trunk,
      acceptance,
      opening: this.#opening(buyer),
      worth: buyer.worth.map(({ pays, when }) => ({ pays, holds: compileConditions(when) })),
    });
    this.#buyers.set(id, compiled);
    return compiled;
  }

  #trunk(id: string): CompiledTrunk | undefined {
    const present = this.#trunks.get(id);
    const trunk = this.#network.trunks.get(id);
    if (present !== undefined || trunk === undefined) return present;
    const limits = new Limited(subjectOf.trunk(id), { concurrency: trunk.concurrency, caps: [] });
    const compiled = Object.freeze({ trunk, limits });
    this.#trunks.set(id, compiled);
    return compiled;
  }

  #opening({ hours, timezone }: Buyer): Opening {
    const key = hoursKey(hours, timezone);
    const opening = this.#openings.get(key) ?? compileHours(hours, timezone);
    this.#openings.set(key, opening);
    return opening;
  }
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  const sorted = routes.toSorted((a, b) => a.priority - b.priority);
  if (routes.every(({ group }) => group === null)) return sorted;
  const together = (route: Route): readonly Route[] =>
    sorted.filter(({ priority, group }) => priority === route.priority && group === route.group);
  return [...new Set(sorted.flatMap((route) => (route.group === null ? [route] : together(route))))];
}

function tierEndsOf(routes: readonly CompiledRoute[]): readonly number[] {
  const priority = (at: number): number | undefined => routes[at]?.attempt.route.priority;
  return [...routes.keys()].filter((at) => priority(at) !== priority(at + 1)).map((last) => last + 1);
}

function groupsOf(routes: readonly CompiledRoute[]): Int32Array | null {
  const keys = routes.map(({ attempt: { route } }) =>
    route.group === null ? null : `${route.priority} ${route.group}`,
  );
  return keys.every((key) => key === null)
    ? null
    : Int32Array.from(keys, (key) => (key === null ? -1 : keys.indexOf(key)));
}

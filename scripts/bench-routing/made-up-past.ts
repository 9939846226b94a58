/** What has happened before the first measured call: leases held, counts made, callers known. For us and for SQL alike. */
import type { Cap, CapCount, CapPeriod, Network, Subject } from '../../src/routing/network.ts';
import { subjectOf } from '../../src/routing/limits.ts';
import type { MadeUpCall } from './made-up-calls.ts';
import { noon } from './made-up-network.ts';
import { seeded, type Random } from './random.ts';

export interface Past {
  readonly counted: readonly {
    readonly subject: Subject;
    readonly count: CapCount;
    readonly per: CapPeriod;
    readonly amount: number;
  }[];
  /** Calls that live. */
  readonly leases: readonly {
    readonly call: string;
    readonly buyer: string;
    readonly subjects: readonly Subject[];
    readonly connected: boolean;
  }[];
  readonly offered: readonly { readonly buyer: string; readonly at: number }[];
  readonly seen: readonly {
    readonly caller: string;
    readonly campaign: string;
    readonly buyer: string;
    readonly at: number;
  }[];
  readonly restingTrunks: readonly string[];
}

const liveCalls = 5_000;
const strangers = 50_000;

export function madeUpPast(network: Network, calls: readonly MadeUpCall[]): Past {
  const random = seeded(11);
  const counted = cappedOf(network).flatMap(([subject, caps]) =>
    caps.map(({ count, per, limit }) => ({ subject, count, per, amount: part(limit, random) })),
  );
  const leases = leasesOn(network, random);
  const offered = [...network.buyers.keys()].map((buyer) => ({ buyer, at: noon - random.below(600_000) }));
  const restingTrunks = random.some([...network.trunks.keys()], 5);
  // Last, for it alone depends on the calls.
  const seen = [...knownCallers(network, calls, random), ...otherCallers(network, random)];
  return { counted, leases, offered, restingTrunks, seen };
}

/** One limit in twelve has been reached. */
function part(limit: number, { chance, below }: Random): number {
  return chance(1 / 12) ? limit : below(limit);
}

function cappedOf({ buyers, campaigns, publishers }: Network): readonly [Subject, readonly Cap[]][] {
  return [
    ...[...buyers.values()].map(({ id, caps }) => [subjectOf.buyer(id), caps] as [Subject, readonly Cap[]]),
    ...[...publishers.values()].map(
      ({ id, caps }) => [subjectOf.publisher(id), caps] as [Subject, readonly Cap[]],
    ),
    ...[...campaigns.values()].flatMap(({ id, caps, routing }): [Subject, readonly Cap[]][] => [
      [subjectOf.campaign(id), caps],
      ...routing.routes.map((route): [Subject, readonly Cap[]] => [
        subjectOf.route(id, route.buyer),
        route.caps,
      ]),
    ]),
  ];
}

function leasesOn({ campaigns, buyers, publishers }: Network, random: Random): Past['leases'] {
  const called = [...campaigns.values()];
  return Array.from({ length: liveCalls }, (_, at) => {
    const { id, routing } = random.pick(called);
    const { buyer } = random.pick(routing.routes);
    const subjects = [
      subjectOf.buyer(buyer),
      subjectOf.route(id, buyer),
      subjectOf.campaign(id),
      subjectOf.trunk(buyers.get(buyer)?.trunk ?? ''),
      subjectOf.publisher(`publisher-${random.below(publishers.size)}`),
    ];
    return { call: `live-${at}`, buyer, subjects, connected: random.chance(0.8) };
  });
}

/** One caller in ten has talked to a buyer of the campaign before. */
function knownCallers(
  { numbers, campaigns }: Network,
  calls: readonly MadeUpCall[],
  random: Random,
): Past['seen'] {
  return calls.flatMap(({ from, to }) => {
    if (from === null || !random.chance(0.1)) return [];
    const campaign = numbers.get(to)?.campaign ?? '';
    const { buyer } = random.pick(campaigns.get(campaign)?.routing.routes ?? []);
    return [{ caller: from, campaign, buyer, at: noon - random.below(40 * 86_400_000) }];
  });
}

function otherCallers({ campaigns, buyers }: Network, random: Random): Past['seen'] {
  const campaignIds = [...campaigns.keys()];
  const buyerIds = [...buyers.keys()];
  return Array.from({ length: strangers }, (_, at) => ({
    caller: `+1500${2_000_000 + at}`,
    campaign: random.pick(campaignIds),
    buyer: random.pick(buyerIds),
    at: noon - random.below(40 * 86_400_000),
  }));
}

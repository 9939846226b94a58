import type { Campaign, Route } from '../../routing/network.ts';
import { all, instead } from './change.ts';
import type { Teller } from './change.ts';
import { caps } from './rules.ts';
import { answers, atOnce } from './words.ts';

/** Routes are matched by their buyers: a campaign has one for each. */
export const routeChanges =
  (minorDigits: number): Teller<Campaign> =>
  (before, after) => {
    const was = byBuyer(before);
    const is = byBuyer(after);
    const gone = [...was.keys()].filter((buyer) => !is.has(buyer));
    return [
      ...[...is].flatMap(([buyer, route]) => {
        const old = was.get(buyer);
        if (old === undefined) return [`routes to ${buyer} as well, ${placed(route)}`];
        return differences(minorDigits)(old, route).map((said) => `routes to ${buyer} ${said}`);
      }),
      ...gone.map((buyer) => `no longer routes to ${buyer}`),
    ];
  };

const byBuyer = ({ routing }: Campaign): ReadonlyMap<string, Route> =>
  new Map(routing.routes.map((route) => [route.buyer, route]));

const placed = ({ priority, weight, group }: Route): string =>
  `with priority ${priority} and weight ${weight}${group === null ? '' : `, ringing ${group} at once`}`;

const differences = (minorDigits: number): Teller<Route> =>
  all<Route>(
    instead(({ priority }) => priority, 'with priority', String),
    instead(({ weight }) => weight, 'with weight', String),
    instead(
      ({ group }) => group,
      'ringing',
      (group) => (group === null ? 'it alone' : `${group} at once`),
    ),
    instead(({ concurrency }) => concurrency, 'for', atOnce),
    instead(
      ({ failover }) => failover,
      'and no other buyer after',
      (failover) => (failover === undefined ? 'what its trunk or the campaign says' : answers(failover.stop)),
    ),
    ({ caps: was }, { caps: is }) => caps(minorDigits)(was, is).map((said) => `by a route that ${said}`),
  );

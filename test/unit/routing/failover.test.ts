/** Whose word counts on whether another buyer is tried: the route's, else its trunk's, else the campaign's. */
import { expect, test } from 'vitest';
import { endsSearch } from '../../../src/routing/failover.ts';
import type { Failover, Trunk } from '../../../src/routing/network.ts';
import { campaign, network, route } from './world.ts';

interface Said {
  readonly route?: readonly number[];
  readonly trunk?: readonly number[];
  readonly campaign?: readonly number[];
}

const said = (stop: readonly number[] | undefined): { failover?: Failover } =>
  stop ? { failover: { stop } } : {};

const pbx = network([], []).trunks.get('pbx') as Trunk;

function ends(status: number | null, { route: ofRoute, trunk: ofTrunk, campaign: stop = [] }: Said): boolean {
  const planned = {
    trunk: { ...pbx, ...said(ofTrunk) },
    route: { ...route('sunrise'), ...said(ofRoute) },
  };
  return endsSearch(planned, campaign([planned.route], {}, 'priority', { failover: { stop } }), status);
}

test.each<[number | null, Said, boolean]>([
  [486, {}, false],
  [486, { campaign: [486] }, true],
  [487, { campaign: [486] }, false],
  [486, { campaign: [4] }, true],
  [603, { campaign: [4, 6] }, true],
  // The trunk's own word, in place of the campaign's and not beside it.
  [486, { trunk: [6], campaign: [486] }, false],
  [603, { trunk: [6], campaign: [486] }, true],
  // The route's, in place of both.
  [486, { route: [], trunk: [486], campaign: [4] }, false],
  [503, { route: [5], trunk: [486], campaign: [4] }, true],
  [486, { route: [5], trunk: [486], campaign: [4] }, false],
  // Nobody answered: there is no answer to stop at.
  [null, { route: [4], trunk: [4], campaign: [4] }, false],
  [408, { route: [4], trunk: [4], campaign: [4] }, false],
])('%s with %j', (status, given, expected) => {
  expect(ends(status, given)).toBe(expected);
});

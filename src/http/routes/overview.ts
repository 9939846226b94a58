/** What the operator watches: how buyers stand now, and how the day goes. For the network. */
import type { FastifyInstance } from 'fastify';
import type { BuyerStanding } from '../../calls/standing.ts';
import type { Today } from '../../records/reports/today.ts';
import { networkOnly } from '../api.ts';

export interface OverviewRoutes {
  readonly buyers: () => readonly BuyerStanding[];
  readonly today: () => Promise<Today>;
}

export function overviewRoutes(api: FastifyInstance, { buyers, today }: OverviewRoutes): void {
  const options = { onRequest: networkOnly };
  api.get('/buyers', options, () => ({ items: buyers() }));
  api.get('/today', options, () => today());
}

/** What the operator watches: how buyers stand now, and how the day goes. For the network. */
import type { BuyerStanding } from '../../calls/shown/standing.ts';
import type { Today } from '../../records/reports/today.ts';
import { networkOnly } from '../access.ts';
import type { Api } from '../api.ts';
import { answers } from '../schemas.ts';
import { buyersNow, today as todayView } from '../views.ts';

export interface OverviewRoutes {
  readonly buyers: () => readonly BuyerStanding[];
  readonly today: () => Promise<Today>;
}

export function overviewRoutes(api: Api, { buyers, today }: OverviewRoutes): void {
  const tags = ['switch'];
  api.get(
    '/buyers',
    {
      config: networkOnly,
      schema: {
        ...{ operationId: 'buyersNow', summary: 'How every buyer stands against its limits', tags },
        ...answers({ 200: buyersNow }),
      },
    },
    () => ({ items: buyers() }),
  );
  api.get(
    '/today',
    {
      config: networkOnly,
      schema: {
        ...{ operationId: 'today', summary: 'The day so far, by hour', tags },
        ...answers({ 200: todayView }),
      },
    },
    () => today(),
  );
}

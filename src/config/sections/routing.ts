/** How a campaign's calls find their buyer. */
import { z } from 'zod';
import type { Route } from '../../routing/network.ts';
import { parseRingback, ringbacks } from '../values/locale.ts';
import { parseFraction } from '../values/scalars.ts';
import { failover } from './failover.ts';
import { field, integer, name, path, timer, timeSpan, yesNo } from './fields.ts';
import type { Given } from './fields.ts';
import { choice, percentage } from './forms.ts';
import { atOnce, caps } from './limits.ts';

export const routing = (given: Given) =>
  z.strictObject({
    strategy: z.enum(['priority', 'round_robin', 'highest_revenue', 'best_performing']).default('priority'),
    performance: performance().prefault({}),
    sticky: timeSpan().optional(),
    failover: failover().default({ stop: [] }),
    ring: timer().default(20_000),
    attempts: integer(1, 100).default(3),
    give_up: timer().default(60_000),
    on_early_hangup: z.strictObject({ within: timer(), retry: yesNo().default(true) }).optional(),
    ringback: field(parseRingback, choice(ringbacks)).optional(),
    no_buyer: z.strictObject({ play: path(given) }).optional(),
    routes: z
      .array(z.union([route(given), ringGroup()]))
      .min(1)
      .transform((routes) => routes.flat()),
  });

const performance = () =>
  z.strictObject({
    over: timeSpan().default(7 * 86_400_000),
    min_calls: integer(0).default(20),
    explore: field(parseFraction, percentage).default(0.1),
  });

const priority = () => integer(-1_000, 1_000).default(1);
const weight = () => integer(0, 1_000_000).default(1);

const route = (given: Given) =>
  z
    .strictObject({
      buyer: name(),
      priority: priority(),
      weight: weight(),
      concurrency: atOnce(),
      caps: caps(given),
      failover: failover().optional(),
    })
    .transform(({ concurrency = null, failover, ...rest }): Route[] => [
      { ...rest, concurrency, group: null, ...(failover && { failover }) },
    ]);

/** Several buyers rung at once: one route for each, held together by the name of their group. */
const ringGroup = () =>
  z
    .strictObject({
      ring: z.array(name()).min(2),
      priority: priority(),
      weight: weight(),
      failover: failover().optional(),
    })
    .transform(({ ring, failover, ...rest }): Route[] =>
      ring.map((buyer) => ({
        buyer,
        ...rest,
        concurrency: null,
        caps: [],
        group: ring.join('+'),
        ...(failover && { failover }),
      })),
    );

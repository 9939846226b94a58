import { z } from 'zod';
import { offer } from '../values/nearest.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { parseRingback } from '../values/locale.ts';
import { parseTelephone } from '../values/telephone.ts';
import { field, integer, name, path, timer, timeSpan, yesNo } from './fields.ts';
import type { Given } from './fields.ts';
import { payoutRules } from './pay-rules.ts';

/** What is sold, how it is routed, what publishers earn. */
export const campaign = (given: Given) =>
  z.strictObject({
    name: name().optional(),
    advertiser: name().optional(),
    pool: name().optional(),
    ivr: name().optional(),
    media: z.enum(['auto', 'anchored']).default('auto'),
    record: z.enum(['off', 'answered']).default('off'),
    block: z
      .strictObject({
        anonymous: yesNo().default(false),
        callers: z.array(field((text) => parseTelephone(text, given.country))).default([]),
      })
      .default({ anonymous: false, callers: [] }),
    repeat_caller: z
      .strictObject({
        within: timeSpan(),
        seen: z.enum(['attempted', 'connected', 'converted']),
        treat: z.enum(['any', 'same_buyer', 'other_buyer', 'reject']),
      })
      .optional(),
    routing: routing(given),
    payout: payoutRules(given),
    once_per_caller: timeSpan().optional(),
  });

export const publisher = (given: Given) =>
  z.strictObject({
    name: name().optional(),
    payout: z.record(z.string(), payoutRules(given)).default({}),
  });

export const trackingNumber = () =>
  z.strictObject({ campaign: name(), publisher: name(), source: name().optional() });

const routing = (given: Given) =>
  z.strictObject({
    strategy: field(parseStrategy).default('priority'),
    ring: timer().default(20_000),
    attempts: integer(1, 100).default(3),
    give_up: timer().default(60_000),
    on_early_hangup: z.strictObject({ within: timer(), retry: yesNo().default(true) }).optional(),
    ringback: field(parseRingback).optional(),
    no_buyer: z.strictObject({ play: path(given) }).optional(),
    routes: z
      .array(
        z.strictObject({
          buyer: name(),
          priority: integer(-1_000, 1_000).default(1),
          weight: integer(0, 1_000_000).default(1),
        }),
      )
      .min(1),
  });

const strategies = ['priority', 'round_robin'] as const;
const laterStrategies = ['highest_revenue', 'best_performing'];

function parseStrategy(text: string): Parsed<(typeof strategies)[number]> {
  const strategy = strategies.find((known) => known === text);
  if (strategy !== undefined) return good(strategy);
  if (laterStrategies.includes(text)) {
    return bad(`the strategy ${text} is not available in this version`, `use ${strategies.join(' or ')}`);
  }
  return bad(`"${text}" is not a strategy`, offer(text, strategies, ''));
}

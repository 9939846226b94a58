import { z } from 'zod';
import { parseAmount } from '../values/amount.ts';
import { parseTelephone } from '../values/telephone.ts';
import { duration, field, label, name, timeSpan, yesNo } from './fields.ts';
import type { Given } from './fields.ts';
import { amount, telephone } from './forms.ts';
import { atOnce, caps } from './limits.ts';
import { payoutRules } from './pay-rules.ts';
import { routing } from './routing.ts';
import { publisherWebhooks } from './webhooks.ts';

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
        callers: z.array(field((text) => parseTelephone(text, given.country), telephone)).default([]),
      })
      .default({ anonymous: false, callers: [] }),
    repeat_caller: z
      .strictObject({
        within: timeSpan(),
        seen: z.enum(['attempted', 'connected', 'converted']),
        treat: z.enum(['any', 'same_buyer', 'other_buyer', 'reject']),
      })
      .optional(),
    concurrency: atOnce(),
    caps: caps(given),
    routing: routing(given),
    payout: payoutRules(given),
    once_per_caller: timeSpan().optional(),
    disputes: z
      .strictObject({
        within: timeSpan().optional(),
        payout: z.enum(['reverse', 'keep']).default('reverse'),
      })
      .prefault({}),
  });

export const publisher = (given: Given) =>
  z.strictObject({
    name: name().optional(),
    concurrency: atOnce(),
    caps: caps(given),
    payout: z.record(z.string(), payoutRules(given)).default({}),
    payout_caps: z.array(payoutCap(given)).default([]),
    hold: duration().optional(),
    webhooks: publisherWebhooks(),
  });

/** The most that a publisher is paid in a period: in all campaigns, or in the one that is named. */
const payoutCap = ({ currency }: Given) =>
  z.strictObject({
    limit: field((text) => parseAmount(text, currency), amount),
    per: z.enum(['day', 'week', 'month', 'ever']),
    campaign: name().optional(),
  });

export const trackingNumber = () =>
  z.strictObject({ campaign: name(), publisher: name(), source: label().optional() });

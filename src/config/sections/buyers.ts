import { z } from 'zod';
import { parseHttpUrl } from '../values/address.ts';
import { parseAmount } from '../values/amount.ts';
import { parseZone } from '../values/locale.ts';
import { parseToken } from '../values/scalars.ts';
import { parseTelephone } from '../values/telephone.ts';
import { conditions } from './conditions.ts';
import { duration, field, name, path, shortSpan, timeSpan, yesNo } from './fields.ts';
import type { Given } from './fields.ts';
import { amount, telephone } from './forms.ts';
import { except, hours } from './hours.ts';
import { atOnce, caps } from './limits.ts';
import { revenueRules } from './pay-rules.ts';
import { buyerWebhooks } from './webhooks.ts';

/** Who pays for calls. */
export const buyer = (given: Given) =>
  z.strictObject({
    name: name().optional(),
    timezone: field(parseZone).optional(),
    trunk: name(),
    dial: field((text) => parseTelephone(text, given.country), telephone),
    paused: yesNo().default(false),
    hours: hours().default('always'),
    except: except().default(new Map()),
    concurrency: atOnce(),
    caps: caps(given),
    spacing: duration().default(0),
    accepts: conditions().default([]),
    whisper: path(given).optional(),
    revenue: revenueRules(given),
    once_per_caller: timeSpan().optional(),
    bid: bid(given).optional(),
    token: field(parseToken).optional(),
    webhooks: buyerWebhooks(),
  });

/** Longer than this no caller waits for a price. */
const mostPatience = 5_000;

/** A buyer that names its price call by call. */
const bid = ({ currency }: Given) =>
  z.strictObject({
    url: field(parseHttpUrl('https://bids.example.com/calls')),
    timeout: shortSpan(mostPatience).default(300),
    min: field((text) => parseAmount(text, currency), amount)
      .transform(Number)
      .default(0),
    share: z.enum(['hash', 'number']).default('hash'),
  });

import { z } from 'zod';
import { parseAmount } from '../values/amount.ts';
import { parseZone } from '../values/locale.ts';
import { parseTelephone } from '../values/telephone.ts';
import { conditions } from './conditions.ts';
import { duration, field, integer, name, path, timeSpan, yesNo } from './fields.ts';
import type { Given } from './fields.ts';
import { except, hours } from './hours.ts';
import { revenueRules } from './pay-rules.ts';

/** Who pays for calls. */
export const buyer = (given: Given) =>
  z.strictObject({
    name: name().optional(),
    timezone: field(parseZone).optional(),
    trunk: name(),
    dial: field((text) => parseTelephone(text, given.country)),
    paused: yesNo().default(false),
    hours: hours().default('always'),
    except: except().default(new Map()),
    concurrency: integer(1).optional(),
    caps: z.array(cap(given)).default([]),
    spacing: duration().default(0),
    accepts: conditions().default([]),
    whisper: path(given).optional(),
    revenue: revenueRules(given),
    once_per_caller: timeSpan().optional(),
  });

/** `limit` is a number of calls or, where revenue is counted, an amount. */
const cap = ({ currency }: Given) =>
  z.discriminatedUnion('count', [
    z.strictObject({
      count: z.enum(['attempted', 'connected', 'converted']),
      limit: integer(0),
      per: period(),
    }),
    z.strictObject({
      count: z.literal('revenue'),
      limit: field((text) => parseAmount(text, currency)).transform(Number),
      per: period(),
    }),
  ]);

const period = () => z.enum(['hour', 'day', 'week', 'month', 'ever']);

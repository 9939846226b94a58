import { z } from 'zod';
import { parseSipUri } from '../values/address.ts';
import { parseAuthName } from '../values/scalars.ts';
import { failover } from './failover.ts';
import { field, integer, off, ratio, shortSpan, timer, words } from './fields.ts';
import { atOnce } from './limits.ts';

/** Where buyers take calls. */
export const trunk = () =>
  z.strictObject({
    uri: field(parseSipUri),
    transport: z.enum(['udp', 'tcp']).default('udp'),
    auth: z.strictObject({ username: field(parseAuthName), password: words() }).optional(),
    concurrency: atOnce(),
    cps: atOnce(),
    probe: z
      .strictObject({
        every: timer().default(30_000),
        down_after: integer(1, 100).default(2),
        up_after: integer(1, 100).default(1),
      })
      .optional(),
    silent_after: timer().default(2_000),
    breaker: z
      .union([
        z.strictObject({
          failures: integer(1, 1_000).default(5),
          ratio: ratio().default(0.5),
          over: shortSpan(600_000).default(60_000),
          rest: shortSpan(3_600_000).default(30_000),
        }),
        off(),
      ])
      .prefault({}),
    failover: failover().optional(),
  });

import { z } from 'zod';
import { parseSipUri } from '../values/address.ts';
import { parseAuthName } from '../values/scalars.ts';
import { failover } from './failover.ts';
import { field, integer, timer, words } from './fields.ts';
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
    failover: failover().optional(),
  });

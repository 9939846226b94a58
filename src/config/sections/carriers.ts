/** Who sends us calls, and the numbers that came with them. */
import { z } from 'zod';
import { parseBlock } from '../values/address.ts';
import { parseTelephoneRange } from '../values/telephone.ts';
import { duration, field, integer, name } from './fields.ts';
import type { Given } from './fields.ts';
import { telephone } from './forms.ts';

export const carrier = () =>
  z.strictObject({
    from: z.array(field(parseBlock)).min(1),
    concurrency: integer(1).optional(),
    cps: integer(1).optional(),
    refuse_with: integer(400, 699).default(503),
  });

export const pool = ({ country }: Given) =>
  z.strictObject({
    carrier: name(),
    numbers: z.array(field((text) => parseTelephoneRange(text, country), telephone)),
    cool_off: duration().default(0),
    low: integer(0).default(0),
  });

/** What bounds a buyer, route, campaign, publisher or trunk. */
import { z } from 'zod';
import { parseAmount } from '../values/amount.ts';
import { field, integer } from './fields.ts';
import { amount } from './forms.ts';
import type { Given } from './fields.ts';

/** Live calls, or new calls in a second; not given: no limit. */
export const atOnce = () => integer(1).optional();

/** Limits that close something once they are reached. */
export const caps = (given: Given) => z.array(cap(given)).default([]);

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
      limit: field((text) => parseAmount(text, currency), amount).transform(Number),
      per: period(),
    }),
  ]);

const period = () => z.enum(['hour', 'day', 'week', 'month', 'ever']);

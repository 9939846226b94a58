import { z } from 'zod';
import type { Pays } from '../../settlement/terms.ts';
import { conditions } from './conditions.ts';
import type { Given } from './fields.ts';
import { payoutPays, revenuePays } from './pays.ts';

export const payoutRules = (given: Given) => rules(payoutPays(given));
export const revenueRules = (given: Given) => rules(revenuePays(given));

/** The first whose conditions all hold pays. */
const rules = (pays: z.ZodType<Pays>) =>
  z.array(z.strictObject({ pays, when: conditions().default([]) })).default([]);

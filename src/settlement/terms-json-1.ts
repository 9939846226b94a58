/** Terms as version 1 wrote them: no time zone, holds, caps and disputes, every share rounded half to even. */
import { z } from 'zod';
import { conditionSchema, moneySchema, timeSchema } from './rules-json.ts';
import type { BuyerTerms, PayoutTerms, PayRule, Pays, TermsBook } from './terms.ts';

const paysSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flat'), amount: moneySchema }),
  z
    .object({ kind: z.literal('share'), ppm: z.number().int().nonnegative() })
    .transform((pays): Pays => ({ ...pays, round: 'half_even' })),
]);

const rulesSchema: z.ZodType<readonly PayRule[]> = z.array(
  z.object({ pays: paysSchema, when: z.array(conditionSchema) }),
);

const buyerSchema: z.ZodType<BuyerTerms> = z.object({
  buyer: z.string(),
  revenue: rulesSchema,
  oncePerCaller: timeSchema.nullable(),
});

const campaignSchema = z
  .object({ campaign: z.string(), payout: rulesSchema, oncePerCaller: timeSchema.nullable() })
  .transform((terms): PayoutTerms => ({ ...terms, disputes: { within: null, payout: 'reverse' } }));

export const bookSchema1 = z
  .object({
    version: z.literal(1),
    currency: z.string(),
    minorDigits: z.number().int().min(0).max(6),
    buyers: z.array(z.object({ key: z.string(), terms: buyerSchema })),
    campaigns: z.array(z.object({ key: z.string(), terms: campaignSchema })),
  })
  .transform(({ currency, minorDigits, buyers, campaigns }): TermsBook => ({
    currency,
    minorDigits,
    // Asked for by nothing but caps, of which there are none.
    timezone: 'UTC',
    hold: 0,
    buyers: new Map(buyers.map(({ key, terms }) => [key, terms])),
    campaigns: new Map(campaigns.map(({ key, terms }) => [key, terms])),
    publishers: new Map(),
  }));

export const isVersion1 = (json: unknown): boolean =>
  z.object({ version: z.literal(1) }).safeParse(json).success;

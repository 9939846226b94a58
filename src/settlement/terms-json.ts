/** A TermsBook as JSON, for the journal: money as decimal text, maps as lists, and a version to be told apart by. */
import { z } from 'zod';
import { moneySchema, moneyToJson, ruleToJson, rulesSchema, timeSchema } from './rules-json.ts';
import { bookSchema1, isVersion1 } from './terms-json-1.ts';
import type { BuyerTerms, PayoutTerms, PublisherTerms, TermsBook } from './terms.ts';

const termsVersion = 2;

/** Safe for `JSON.stringify`; the same book yields the same text. */
export function termsToJson({ buyers, campaigns, publishers, ...book }: TermsBook): unknown {
  return {
    version: termsVersion,
    ...book,
    buyers: [...buyers].map(([key, terms]) => ({ key, terms: buyerToJson(terms) })),
    campaigns: [...campaigns].map(([key, terms]) => ({ key, terms: campaignToJson(terms) })),
    publishers: [...publishers].map(([key, terms]) => ({ key, terms: publisherToJson(terms) })),
  };
}

type TermsRead =
  { readonly ok: true; readonly book: TermsBook } | { readonly ok: false; readonly message: string };

/** What `termsToJson` gave, once parsed, of this version or an older one. Says what is wrong with anything else; never throws. */
export function termsFromJson(json: unknown): TermsRead {
  const read = isVersion1(json) ? bookSchema1.safeParse(json) : bookSchema.safeParse(json);
  if (read.success) return { ok: true, book: read.data };
  return { ok: false, message: z.prettifyError(read.error) };
}

const buyerToJson = ({ revenue, ...terms }: BuyerTerms): unknown => ({
  ...terms,
  revenue: revenue.map(ruleToJson),
});

const campaignToJson = ({ payout, ...terms }: PayoutTerms): unknown => ({
  ...terms,
  payout: payout.map(ruleToJson),
});

const publisherToJson = ({ caps, ...terms }: PublisherTerms): unknown => ({
  ...terms,
  caps: caps.map(({ limit, ...cap }) => ({ ...cap, limit: moneyToJson(limit) })),
});

const buyerSchema: z.ZodType<BuyerTerms> = z.object({
  buyer: z.string(),
  revenue: rulesSchema,
  oncePerCaller: timeSchema.nullable(),
});

const campaignSchema: z.ZodType<PayoutTerms> = z.object({
  campaign: z.string(),
  payout: rulesSchema,
  oncePerCaller: timeSchema.nullable(),
  disputes: z.object({ within: timeSchema.nullable(), payout: z.enum(['reverse', 'keep']) }),
});

const publisherSchema: z.ZodType<PublisherTerms> = z.object({
  publisher: z.string(),
  hold: timeSchema,
  caps: z.array(
    z.object({
      limit: moneySchema,
      per: z.enum(['day', 'week', 'month', 'ever']),
      campaign: z.string().nullable(),
    }),
  ),
});

const byKey = <T>(terms: z.ZodType<T>) =>
  z
    .array(z.object({ key: z.string(), terms }))
    .transform((entries): ReadonlyMap<string, T> => new Map(entries.map(({ key, terms }) => [key, terms])));

const bookSchema = z
  .object({
    version: z.literal(termsVersion),
    currency: z.string(),
    minorDigits: z.number().int().min(0).max(6),
    timezone: z.string(),
    hold: timeSchema,
    buyers: byKey(buyerSchema),
    campaigns: byKey(campaignSchema),
    publishers: byKey(publisherSchema),
  })
  .transform(({ version: _, ...book }): TermsBook => book);

/** A TermsBook as JSON, for the journal: money as decimal text, maps as lists, and a version to be told apart by. */
import { z } from 'zod';
import type { Condition } from '../conditions/condition.ts';
import { formatMoney, parseMoney } from './money.ts';
import type { BuyerTerms, PayoutTerms, PayRule, TermsBook } from './terms.ts';

export const termsVersion = 1;

/** Safe for `JSON.stringify`; the same book yields the same text. */
export function termsToJson(book: TermsBook): unknown {
  return {
    version: termsVersion,
    currency: book.currency,
    minorDigits: book.minorDigits,
    buyers: [...book.buyers].map(([key, { revenue, ...terms }]) => ({
      key,
      terms: { ...terms, revenue: revenue.map(ruleToJson) },
    })),
    campaigns: [...book.campaigns].map(([key, { payout, ...terms }]) => ({
      key,
      terms: { ...terms, payout: payout.map(ruleToJson) },
    })),
  };
}

export type TermsRead =
  { readonly ok: true; readonly book: TermsBook } | { readonly ok: false; readonly message: string };

/** What `termsToJson` gave, once parsed. Says what is wrong with anything else; never throws. */
export function termsFromJson(json: unknown): TermsRead {
  const read = bookSchema.safeParse(json);
  if (!read.success) return { ok: false, message: z.prettifyError(read.error) };
  const { currency, minorDigits, buyers, campaigns } = read.data;
  return { ok: true, book: { currency, minorDigits, buyers: byKey(buyers), campaigns: byKey(campaigns) } };
}

function ruleToJson({ pays, when }: PayRule): unknown {
  if (pays.kind === 'share') return { pays, when };
  return { pays: { kind: pays.kind, amount: formatMoney(pays.amount, 0) }, when };
}

function byKey<T>(entries: readonly { readonly key: string; readonly terms: T }[]): ReadonlyMap<string, T> {
  return new Map(entries.map(({ key, terms }) => [key, terms]));
}

const moneySchema = z.string().transform((text, context) => {
  const money = parseMoney(text);
  if (money !== null) return money;
  context.addIssue({ code: 'custom', message: 'is no amount' });
  return z.NEVER;
});

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);

const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('is'), attribute: z.string(), values: z.array(valueSchema) }),
    z.object({
      kind: z.literal('compare'),
      attribute: z.string(),
      operator: z.enum(['>=', '<=', '>', '<']),
      value: z.number(),
    }),
    z.object({ kind: z.literal('between'), attribute: z.string(), from: z.number(), to: z.number() }),
    z.object({ kind: z.literal('not'), condition: conditionSchema }),
    z.object({ kind: z.literal('any'), conditions: z.array(conditionSchema) }),
    z.object({ kind: z.literal('all'), conditions: z.array(conditionSchema) }),
  ]),
);

const rulesSchema: z.ZodType<readonly PayRule[]> = z.array(
  z.object({
    pays: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('flat'), amount: moneySchema }),
      z.object({ kind: z.literal('share'), ppm: z.number().int().nonnegative() }),
    ]),
    when: z.array(conditionSchema),
  }),
);

const windowSchema = z.number().nonnegative().nullable();
const buyerSchema: z.ZodType<BuyerTerms> = z.object({
  buyer: z.string(),
  revenue: rulesSchema,
  oncePerCaller: windowSchema,
});
const campaignSchema: z.ZodType<PayoutTerms> = z.object({
  campaign: z.string(),
  payout: rulesSchema,
  oncePerCaller: windowSchema,
});

const bookSchema = z.object({
  version: z.literal(termsVersion),
  currency: z.string(),
  minorDigits: z.number().int().min(0).max(6),
  buyers: z.array(z.object({ key: z.string(), terms: buyerSchema })),
  campaigns: z.array(z.object({ key: z.string(), terms: campaignSchema })),
});

/** Pay rules as JSON: money as decimal text, all else as it is. */
import { z } from 'zod';
import type { Condition } from '../conditions/condition.ts';
import { formatMoney, parseMoney, type Money } from './money.ts';
import { roundings } from './rounding.ts';
import type { PayRule, Pays } from './terms.ts';

export function ruleToJson({ pays, when }: PayRule): unknown {
  return { pays: paysToJson(pays), when };
}

function paysToJson(pays: Pays): unknown {
  switch (pays.kind) {
    case 'flat':
      return { ...pays, amount: moneyToJson(pays.amount) };
    case 'per_minute':
      return { ...pays, rate: moneyToJson(pays.rate) };
    case 'tiers':
      return {
        ...pays,
        tiers: pays.tiers.map(({ from, amount }) => ({ from, amount: moneyToJson(amount) })),
      };
    case 'rates':
      return { ...pays, tiers: pays.tiers.map(({ from, rate }) => ({ from, rate: moneyToJson(rate) })) };
    case 'share':
    case 'reported':
      return pays;
  }
}

export const moneyToJson = (money: Money): string => formatMoney(money, 0);

export const moneySchema = z.string().transform((text, context) => {
  const money = parseMoney(text);
  if (money !== null) return money;
  context.addIssue({ code: 'custom', message: 'is no amount' });
  return z.NEVER;
});

export const timeSchema = z.number().nonnegative();

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
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

const round = z.enum(roundings);
const of = z.enum(['connected', 'inbound']);
const ppm = z.number().int().nonnegative();
const increment = z.number().int().positive();
const byTime = { of, first: increment, then: increment, round };

const paysSchema: z.ZodType<Pays> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flat'), amount: moneySchema }),
  z.object({ kind: z.literal('share'), ppm, round }),
  z.object({ kind: z.literal('per_minute'), rate: moneySchema, ...byTime }),
  z.object({
    kind: z.literal('tiers'),
    of,
    tiers: z.array(z.object({ from: timeSchema, amount: moneySchema })),
  }),
  z.object({
    kind: z.literal('rates'),
    tiers: z.array(z.object({ from: timeSchema, rate: moneySchema })),
    ...byTime,
  }),
  z.object({ kind: z.literal('reported'), name: z.string(), ppm, round }),
]);

export const rulesSchema: z.ZodType<readonly PayRule[]> = z.array(
  z.object({ pays: paysSchema, when: z.array(conditionSchema) }),
);

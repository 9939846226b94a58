/** What a rule may pay: an amount, a share, by time, by tiers, or what the buyer reports. */
import { z } from 'zod';
import { isReportName } from '../../settlement/reported.ts';
import { roundings } from '../../settlement/rounding.ts';
import type { Pays } from '../../settlement/terms.ts';
import { parseAmount, parseIncrements, parseRate, parseShare } from '../values/amount.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { duration, field } from './fields.ts';
import type { Given } from './fields.ts';
import { amount, amountOrShare, increments, nothing, percentage, withForm } from './forms.ts';

/** What publishers earn. */
export const payoutPays = (given: Given) =>
  z.union([
    amountOrShareText(given),
    z
      .strictObject({ share: shareText(), round: round() })
      .transform(({ share, round }): Pays => ({ kind: 'share', ppm: share, round })),
    ...byTimeOrTier(given),
    refused(
      { reported: z.unknown(), share: z.unknown(), round: z.unknown() },
      'reported',
      'a payout cannot be what the buyer reports',
      'a share of the revenue that the report brings: 60%',
    ),
  ]);

/** What a buyer pays. There is nothing yet that a share could be of, but for what it reports. */
export const revenuePays = (given: Given) =>
  z.union([
    amountText(given),
    ...byTimeOrTier(given),
    z
      .strictObject({ reported: reportName(), share: shareText().default(whole), round: round() })
      .transform(({ reported, share, round }): Pays => ({
        kind: 'reported',
        name: reported,
        ppm: share,
        round,
      })),
    refused({ share: z.unknown(), round: z.unknown(), reported: z.undefined() }, 'share', ...noShareOfItself),
  ]);

const whole = 1_000_000;
const noShareOfItself = ['revenue cannot be a share of itself', 'an amount: 45.00'] as const;

const amountOrShareText = (given: Given) =>
  field((text): Parsed<Pays> => {
    if (!text.endsWith('%')) return flat(text, given);
    const share = parseShare(text);
    return share.ok ? good({ kind: 'share', ppm: share.value, round: 'half_even' }) : share;
  }, amountOrShare);

const amountText = (given: Given) =>
  field((text): Parsed<Pays> => (text.endsWith('%') ? bad(...noShareOfItself) : flat(text, given)), amount);

function flat(text: string, { currency }: Given): Parsed<Pays> {
  const amount = parseAmount(text, currency);
  return amount.ok ? good({ kind: 'flat', amount: amount.value }) : amount;
}

const byTimeOrTier = (given: Given) =>
  [
    z
      .strictObject({ per_minute: rate(given), increments: inIncrements(), of: clock(), round: round() })
      .transform(({ per_minute: rate, increments, of, round }): Pays => ({
        kind: 'per_minute',
        rate,
        ...increments,
        of,
        round,
      })),
    z
      .strictObject({
        tiers: rising(z.strictObject({ from: duration(), pays: amountIn(given) })),
        of: clock(),
      })
      .transform(({ tiers, of }): Pays => ({
        kind: 'tiers',
        of,
        tiers: tiers.map(({ from, pays }) => ({ from, amount: pays })),
      })),
    z
      .strictObject({
        tiers: rising(z.strictObject({ from: duration(), per_minute: rate(given) })).superRefine(
          startsAtOnce,
        ),
        increments: inIncrements(),
        of: clock(),
        round: round(),
      })
      .transform(({ tiers, increments, of, round }): Pays => ({
        kind: 'rates',
        tiers: tiers.map(({ from, per_minute: rate }) => ({ from, rate })),
        ...increments,
        of,
        round,
      })),
  ] as const;

/** Tiers in rising order of where they begin. */
const rising = <Tier extends { readonly from: number }>(tier: z.ZodType<Tier>) =>
  z
    .array(tier)
    .min(1)
    .superRefine((tiers, context) => {
      tiers.forEach(({ from }, index) => {
        const before = tiers[index - 1]?.from ?? -1;
        if (from > before) return;
        const params = { hint: 'write tiers in rising order of "from"' };
        const message = 'does not begin after the tier before it';
        context.addIssue({ code: 'custom', path: [index, 'from'], message, params });
      });
    });

function startsAtOnce(tiers: readonly { readonly from: number }[], context: z.RefinementCtx): void {
  if (tiers[0]?.from === 0) return;
  const params = { hint: 'from: 0s; free time is a tier of its own: { from: 0s, per_minute: 0.00 }' };
  const message = 'the first rate does not begin at 0s';
  context.addIssue({ code: 'custom', path: [0, 'from'], message, params });
}

const clock = () => z.enum(['connected', 'inbound']).default('connected');
const round = () => z.enum(roundings).default('half_even');
const rate = ({ currency }: Given) => field((text) => parseRate(text, currency), amount);
const amountIn = ({ currency }: Given) => field((text) => parseAmount(text, currency), amount);
const shareText = () => field(parseShare, percentage);
const inIncrements = () => field(parseIncrements, increments).default({ first: 1_000, then: 1_000 });
const reportName = () =>
  field((text) =>
    isReportName(text)
      ? good(text)
      : bad(`"${text}" cannot name what is reported`, 'letters, digits and _: sale, quote'),
  );

/** A form that is understood, and not to be had here. */
const refused = (shape: z.ZodRawShape, key: string, message: string, hint: string) => {
  const { [key]: meant = z.unknown(), ...others } = shape;
  const optional = Object.fromEntries(Object.entries(others).map(([name, part]) => [name, z.optional(part)]));
  return withForm(
    nothing,
    z.strictObject({ [key]: meant, ...optional }).transform((_, context): Pays => {
      // Not the end of its branch: else a union would take another that only has a key too many.
      context.addIssue({ code: 'custom', path: [key], message, params: { hint }, continue: true });
      return z.NEVER;
    }),
  );
};

import { z } from 'zod';
import type { PayRule } from '../../settlement/terms.ts';
import { parseAmount, parsePays } from '../values/amount.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { conditions } from './conditions.ts';
import { field } from './fields.ts';
import type { Given } from './fields.ts';
import { amount as amountForm, amountOrShare } from './forms.ts';
import type { Form } from './forms.ts';

/** What publishers earn: amounts, or shares of the revenue. */
export const payoutRules = ({ currency }: Given) => rules((text) => parsePays(text, currency), amountOrShare);

/** What a buyer pays: amounts. There is nothing yet that a share could be of. */
export const revenueRules = ({ currency }: Given) =>
  rules((text): Parsed<PayRule['pays']> => {
    if (text.endsWith('%')) return bad('revenue cannot be a share of itself', 'an amount: 45.00');
    const amount = parseAmount(text, currency);
    return amount.ok ? good({ kind: 'flat', amount: amount.value }) : amount;
  }, amountForm);

const rules = (pays: (text: string) => Parsed<PayRule['pays']>, form: Form) =>
  z.array(z.strictObject({ pays: field(pays, form), when: conditions().default([]) })).default([]);

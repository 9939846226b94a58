import { minorUnit, parseMoney, parsePercent } from '../../settlement/money.ts';
import type { Money } from '../../settlement/money.ts';
import type { PayRule } from '../../settlement/terms.ts';
import type { Currency } from './locale.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

/** An amount in whole minor units of the currency, not below 0. Read from text: a float never touches it. */
export function parseAmount(text: string, { code, minorDigits }: Currency): Parsed<Money> {
  const example = `decimal text in ${code}: ${minorDigits === 0 ? '45' : `45.${'0'.repeat(minorDigits)}`}`;
  const amount = parseMoney(text);
  if (amount === null) return bad(`"${text}" is not an amount of money`, example);
  if (amount < 0n) return bad(`the amount ${text} is below 0`, example);
  if (amount % minorUnit(minorDigits) !== 0n) {
    return bad(`${text} has more than the ${minorDigits} decimals that ${code} has`, example);
  }
  return good(amount);
}

/** What a rule pays: an amount, or a share of the call's revenue (`60%`). */
export function parsePays(text: string, currency: Currency): Parsed<PayRule['pays']> {
  if (text.endsWith('%')) {
    const ppm = parsePercent(text);
    if (ppm === null)
      return bad(`"${text}" is not a share`, 'a percentage of at most four decimals: 60%, 12.5%');
    return good({ kind: 'share', ppm });
  }
  const amount = parseAmount(text, currency);
  return amount.ok ? good({ kind: 'flat', amount: amount.value }) : amount;
}

import { minorUnit, moneyDigits, parseMoney, parsePercent } from '../../settlement/money.ts';
import type { Money } from '../../settlement/money.ts';
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

/** An amount of money a minute, not below 0: as fine as money is counted, whatever the minor unit. */
export function parseRate(text: string, { code }: Currency): Parsed<Money> {
  const example = `decimal text in ${code}, at most ${moneyDigits} decimals: 0.0125`;
  const rate = parseMoney(text);
  if (rate === null) return bad(`"${text}" is not an amount of money a minute`, example);
  return rate < 0n ? bad(`the rate ${text} is below 0`, example) : good(rate);
}

/** `60%` to parts per million. */
export function parseShare(text: string): Parsed<number> {
  const ppm = parsePercent(text);
  return ppm === null
    ? bad(`"${text}" is not a share`, 'a percentage of at most four decimals: 60%, 12.5%')
    : good(ppm);
}

/** `6/6`, in whole seconds, to the first increment and the further ones in milliseconds. */
export function parseIncrements(text: string): Parsed<{ readonly first: number; readonly then: number }> {
  const hint = 'the first increment and the further ones, in whole seconds: 60/60, 30/6, 6/6, 1/1';
  const parts = /^(\d{1,5})\s*\/\s*(\d{1,5})$/.exec(text);
  if (parts === null) return bad(`"${text}" are no increments`, hint);
  const [first, then] = [Number(parts[1]) * 1_000, Number(parts[2]) * 1_000];
  return first > 0 && then > 0 ? good({ first, then }) : bad(`an increment of ${text} is 0 s`, hint);
}

/**
 * Money is an integer of micro-units: 45.00 USD is 45_000_000n. Fine enough for per-second rates, exact in every
 * currency; amounts that enter the ledger are whole minor units.
 */
import { divide, type Rounding } from './rounding.ts';

export type Money = bigint;

/** Digits after the point that a Money can hold. */
export const moneyDigits = 6;

const one = 10n ** BigInt(moneyDigits);
/** Parts per million in the whole of anything. */
const whole = 1_000_000n;
/** 2^63 - 1 micro-units, the most that a Postgres bigint column holds. */
const most = 9_223_372_036_854_775_807n;

/** Decimal text (`45.00`, `-0.125`) to Money; null where it is no amount, has over six decimals or is absurdly large. */
export function parseMoney(text: string): Money | null {
  const micros = parseDecimal(text);
  return micros === null || micros > most || micros < -most ? null : micros;
}

/** Exact decimal text with at least `digits` decimals, more only where the amount has them: `45.00`, `0.0125`. */
export function formatMoney(money: Money, digits = 2): string {
  const size = money < 0n ? -money : money;
  const decimals = (size % one).toString().padStart(moneyDigits, '0').replace(/0+$/, '').padEnd(digits, '0');
  return `${money < 0n ? '-' : ''}${size / one}${decimals === '' ? '' : `.${decimals}`}`;
}

/** `ppm` parts per million of an amount, rounded to the currency's minor unit (2 digits for USD). */
export function share(amount: Money, ppm: number, minorDigits: number, round: Rounding = 'half_even'): Money {
  return toMinorUnit(amount * BigInt(ppm), whole, minorDigits, round);
}

/** `dividend / divisor` micro-units, rounded once, to the currency's minor unit. */
export function toMinorUnit(dividend: bigint, divisor: bigint, minorDigits: number, round: Rounding): Money {
  const unit = minorUnit(minorDigits);
  return divide(dividend, divisor * unit, round) * unit;
}

/** One minor unit (a cent, for 2 digits) as Money. */
export function minorUnit(minorDigits: number): Money {
  return 10n ** BigInt(moneyDigits - minorDigits);
}

/** `60%`, `12.5 %` to parts per million (600_000); null where it is no percentage or finer than a part per million. */
export function parsePercent(text: string): number | null {
  if (!text.endsWith('%')) return null;
  const micros = parseDecimal(text.slice(0, -1).trimEnd());
  if (micros === null || micros < 0n || micros > 1_000_000n * one) return null;
  const perPercent = one / 10_000n;
  return micros % perPercent === 0n ? Number(micros / perPercent) : null;
}

function parseDecimal(text: string): bigint | null {
  const parts = /^(-?)(\d{1,18})(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return null;
  const [, sign = '', units = '', decimals = ''] = parts;
  const micros = BigInt(units) * one + BigInt(decimals.padEnd(moneyDigits, '0'));
  return sign === '-' ? -micros : micros;
}

/** What texts from outside must be like to be written down: keys, names, who and why. */
import { minorUnit, parseMoney, type Money } from '../../settlement/money.ts';

/** A key of the reporter's own choice: printable ASCII without blanks. */
export const isKey = (text: string): boolean => /^[\x21-\x7e]{1,128}$/.test(text);

/** Something that people can read, of one line. */
export const isSaid = (text: string): boolean =>
  text.trim() !== '' && text.length <= 500 && !/[\p{Cc}\p{Cs}]/u.test(text);

/** More than this is a slip of the pen in any currency: 10⁹ units. */
const absurd: Money = 1_000_000_000_000_000n;

/** Not negative, and of a size that can be meant; finer than the minor unit it may be, for a share is taken of it. */
export function parseReported(text: string): Money | null {
  const amount = parseMoney(text);
  return amount === null || amount < 0n || amount > absurd ? null : amount;
}

/** Of either sign, in whole minor units. */
export function parseWhole(text: string, minorDigits: number): Money | null {
  const amount = parseMoney(text);
  if (amount === null || amount > absurd || amount < -absurd) return null;
  return amount % minorUnit(minorDigits) === 0n ? amount : null;
}

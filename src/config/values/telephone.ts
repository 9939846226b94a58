import { normalizeNumber } from '../../routing/number.ts';
import type { CountryCode } from './locale.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

/** The most numbers that one range may hold. */
const mostInRange = 100_000;

/**
 * A number as E.164, or as dialled in `country`. Asked is whether it could be a number at all (its length for its
 * country), not whether it was given out: 555-01xx is fiction, and new ranges open faster than metadata does.
 * Without a country (it was itself wrong) what needs one is let through.
 */
export function parseTelephone(text: string, country: CountryCode | null): Parsed<string> {
  if (/^[+(\d][\d\s().-]*$/.test(text)) {
    const number = normalizeNumber(text, country ?? '');
    if (number !== null) return good(number);
    if (country === null && !text.startsWith('+')) return good(text);
  }
  return bad(
    `"${text}" is not a telephone number`,
    country === null ? 'E.164: +12125550123' : `E.164 (+12125550123), or as dialled in ${country}`,
  );
}

/** Neighbouring numbers: as a number E.164 is exact, and it never begins with 0. */
export interface TelephoneRange {
  readonly first: number;
  readonly count: number;
}

/** One number, or a range whose end names the last digits only: `+18005550100-0149`. */
export function parseTelephoneRange(text: string, country: CountryCode | null): Parsed<TelephoneRange> {
  const ends = /^(\+?\d+)-(\d+)$/.exec(text);
  const first = ends?.[1];
  const lastDigits = ends?.[2];
  const whole = parseTelephone(text, country);
  // 800-5550100 is one national number with a dash in it, not a range.
  if (first === undefined || lastDigits === undefined || (whole.ok && !text.startsWith('+'))) {
    return whole.ok ? good({ first: Number(whole.value), count: 1 }) : whole;
  }
  const from = parseTelephone(first, country);
  if (!from.ok) return from;
  const hint = 'the end of a range names the last digits only: +18005550100-0149';
  if (lastDigits.length >= from.value.length) return bad(`"${text}" is not a range of numbers`, hint);
  const count = Number(lastDigits) - Number(from.value.slice(-lastDigits.length)) + 1;
  if (count < 1) return bad(`the range "${text}" ends before it starts`, hint);
  if (count > mostInRange)
    return bad(`the range "${text}" holds ${count} numbers`, `at most ${mostInRange} to a range`);
  return good({ first: Number(from.value), count });
}

/** In ascending order, E.164. */
export const numbersOf = ({ first, count }: TelephoneRange): string[] =>
  Array.from({ length: count }, (_, i) => `+${first + i}`);

import { parsePercent } from '../../settlement/money.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

/** Whole numbers within bounds. */
export function parseInteger(least: number, most = 1_000_000_000): (text: string) => Parsed<number> {
  const hint = `a whole number from ${least} to ${most}`;
  return (text) => {
    if (!/^-?\d+$/.test(text)) return bad(`"${text}" is not a whole number`, hint);
    const value = Number(text);
    return value >= least && value <= most ? good(value) : bad(`${text} is out of bounds`, hint);
  };
}

/** A part of a whole, `10%`, as a fraction from 0 to 1. */
export function parseFraction(text: string): Parsed<number> {
  const ppm = parsePercent(text);
  if (ppm === null) return bad(`"${text}" is not a share`, 'a percentage: 10%, 2.5%');
  return ppm <= 1_000_000 ? good(ppm / 1_000_000) : bad(`${text} is more than all`, 'at most 100%');
}

/** YAML 1.2 reads `yes` and `off` as text; people write them for true and false all the same. */
export function parseYesNo(text: string): Parsed<boolean> {
  if (/^(true|yes|on)$/i.test(text)) return good(true);
  if (/^(false|no|off)$/i.test(text)) return good(false);
  return bad(`"${text}" is neither yes nor no`, 'true or false');
}

/** Text that says something. */
export function parseName(text: string): Parsed<string> {
  return text.trim() === '' ? bad('is empty', 'write some text') : good(text);
}

/** What travels in an Authorization header; null where it is left empty, as by a variable that is not set. */
export function parseToken(text: string): Parsed<string | null> {
  if (text === '') return good(null);
  return /^[\x21-\x7e]{16,256}$/.test(text)
    ? good(text)
    : bad('cannot be a token', '16 to 256 letters, digits and signs, without blanks: openssl rand -hex 16');
}

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
  if (isOff(text)) return good(false);
  return bad(`"${text}" is neither yes nor no`, 'true or false');
}

/** As parseFraction, or written as one: `0.5`. Nothing of the whole makes no sense. */
export function parseRatio(text: string): Parsed<number> {
  const plain = /^[01](\.\d{1,6})?$/.test(text) ? Number(text) : null;
  const parsed = plain === null ? parseFraction(text) : good(plain);
  if (!parsed.ok) return bad(`"${text}" is not a share`, 'a part of the whole: 0.5, or 50%');
  return parsed.value > 0 && parsed.value <= 1
    ? parsed
    : bad(`${text} is no part of a whole`, 'more than 0, at most 1');
}

export const isOff = (text: string): boolean => /^(false|no|off)$/i.test(text);

/** What is switched off; else it would say how it works. */
export function parseOff(text: string): Parsed<null> {
  return isOff(text) ? good(null) : bad(`"${text}" cannot stand here`, 'write false to switch it off');
}

/** Text that says something. */
export function parseName(text: string): Parsed<string> {
  return text.trim() === '' ? bad('is empty', 'write some text') : good(text);
}

/** A name that others gave: it is kept with every call, and reports read it from an index, where no more fits. */
export function parseLabel(text: string): Parsed<string> {
  return text.length > 200 ? bad('is too long', 'at most 200 letters') : parseName(text);
}

/**
 * What is said to a server on a line of its own, between separators of the line: a line break would begin another
 * command. The text is not repeated.
 */
export function parseServerSecret(text: string): Parsed<string> {
  const unsayable = /[\p{Cc}\u2028\u2029|]/u.test(text);
  return unsayable
    ? bad('holds a control character or a |', 'letters, digits and other signs')
    : parseName(text);
}

/** Stands in quotes in an Authorization header. */
export function parseAuthName(text: string): Parsed<string> {
  const unsayable = /[\p{Cc}\u2028\u2029"\\]/u.test(text);
  return unsayable
    ? bad('holds a quote, a backslash or a control character', 'the name that the trunk gave you')
    : parseName(text);
}

/** What travels in an Authorization header; null where it is left empty, as by a variable that is not set. */
export function parseToken(text: string): Parsed<string | null> {
  if (text === '') return good(null);
  return /^[\x21-\x7e]{16,256}$/.test(text)
    ? good(text)
    : bad('cannot be a token', '16 to 256 letters, digits and signs, without blanks: openssl rand -hex 16');
}

/** What messages to a web server are signed by: https://www.standardwebhooks.com. The text is not repeated. */
export function parseSigningSecret(text: string): Parsed<string> {
  const [, key = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(key, 'base64').length;
  return bytes >= 24 && bytes <= 64
    ? good(text)
    : bad(
        'cannot be a secret to sign by',
        'whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
      );
}

/** Of a call, as `caller.state`. The number is told or not by a key of its own. */
export function parseToldAttribute(text: string): Parsed<string> {
  if (text === 'caller.number' || text === 'call.number')
    return bad(`"${text}" is told by the message itself`, 'write "caller: full" to tell the whole number');
  return /^(caller|call|ivr|tag)\.[\w.-]{1,63}$/.test(text)
    ? good(text)
    : bad(`"${text}" is not an attribute of a call`, 'caller.state, ivr.zip, tag.campaign_id');
}
